"""What a supervisor saw at work: asked for by a trainee, answered by a link, evidence once it is confirmed."""
