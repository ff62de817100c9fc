"""What an import can end in."""


class ImportFailure(Exception):
    """One line for the user: a file that cannot be read, or is damaged."""


class Refusal(ImportFailure):
    """A model with something that has no counterpart in Heed, by the toolkit's own name for it."""

    def __init__(self, toolkit, what, why):
        super().__init__(f"{toolkit}: {what}: {why}")


def refuser(toolkit, why="has no counterpart in Heed"):
    """Raises the Refusal of what has no counterpart, with another reason where it is given one."""
    def refuse(what, why=why):
        raise Refusal(toolkit, what, why)
    return refuse
