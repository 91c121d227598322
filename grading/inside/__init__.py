"""What runs inside the sandbox and nowhere else: bound into it as files, never imported by the host.

zygote waits with its libraries loaded and forks for each notebook; room closes the fork off from everything;
kernel is where the trainee's code runs; runner asks the kernel for the outputs and answers the host.
"""
