"""What a person or an ad platform uses: the `backdrop` command line, its client, and the gallery of results."""
