"""Load without models: an ad platform that plays arrival curves, and stages whose stand-in models take a set time."""
