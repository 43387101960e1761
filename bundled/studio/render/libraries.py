"""Says what to install when the renderer's module cannot start."""

PACKAGES = "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libxext6 libgl1"


class RendererMissing(RuntimeError):
    """The renderer cannot be imported; the message says what to do."""


def explain(error: ImportError) -> RendererMissing:
    if ".so" in str(error):
        return RendererMissing(
            f"a system library is missing ({error}).\nInstall them with: apt-get install -y {PACKAGES}"
        )
    return RendererMissing(
        f"the studio's own environment is not in use ({error}).\nMake it and use it with: make scenes"
    )


def require_renderer() -> None:
    try:
        import bpy  # noqa: F401
        import OpenEXR  # noqa: F401
        import PyOpenColorIO  # noqa: F401
    except ImportError as error:
        raise explain(error) from error
