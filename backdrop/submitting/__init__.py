"""From photos and wishes to a submission, and how far it is."""
