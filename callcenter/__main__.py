"""`python -m callcenter` is the command line."""

from callcenter.cli import main

main()
