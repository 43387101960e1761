"""The shapes of the API: what is asked, what is answered, and how records become answers."""
