"""The whole stack as a foreign platform, a person and an operator see it; it ends with the last of these tests."""
