"""The portal for gunicorn."""

from app.cli import commands, estimates
from app.core import threads
from app.factory import create_app
from config import Settings

threads.share_fairly()
app = create_app(Settings.from_environment())
app.cli.add_command(commands)
app.cli.add_command(estimates)
