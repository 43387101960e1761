"""python -m bundled.training.segmenter: the command of this model."""

from bundled.training.segmenter.train import main

if __name__ == "__main__":
    main()
