"""Methods that look in editors and in `help()` like the functions they stand for."""

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

MethodT = TypeVar("MethodT", bound=Callable[..., Any])

_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)


def like(make: Callable[..., Any]) -> Callable[[MethodT], MethodT]:
    """Give a method the name, words and arguments of `make`; a flow's `patience` is the client's own."""
    before = inspect.signature(make)
    given = [one for one in before.parameters.values() if one.name != "patience"]
    after = before.replace(parameters=[_SELF, *given], return_annotation=inspect.Signature.empty)

    def decorate(method: MethodT) -> MethodT:
        update_wrapper(method, make)
        method.__dict__["__signature__"] = after
        return method

    return decorate
