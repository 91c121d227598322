"""What can go wrong while the notebook site is built or served."""


class LabError(Exception):
    """The notebook site cannot be built or served; the message says what is wrong and what to do."""
