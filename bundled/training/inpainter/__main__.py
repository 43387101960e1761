"""python -m bundled.training.inpainter: the command of this model."""

from bundled.training.inpainter.train import main

if __name__ == "__main__":
    main()
