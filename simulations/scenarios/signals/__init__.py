"""S4: signal timing at an arterial junction."""
