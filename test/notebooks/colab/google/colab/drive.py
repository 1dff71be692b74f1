def mount(path):
    """The person refuses the access."""
    raise ValueError("mount failed")
