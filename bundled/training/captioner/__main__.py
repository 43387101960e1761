"""python -m bundled.training.captioner: the command of this model."""

from bundled.training.captioner.train import main

if __name__ == "__main__":
    main()
