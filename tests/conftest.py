"""What all tests share."""

from hypothesis import settings

# No deadline: the first call loads dictionaries, and a busy machine is no failure.
settings.register_profile("textprism", deadline=None, max_examples=50)
settings.load_profile("textprism")
