"""A second factor beside the password: codes of an app on the owner's telephone, and codes on paper for its loss."""
