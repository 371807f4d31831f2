"""Where a new installation can begin: what a company of some industry needs beside what is delivered.

Each industry is a file of data; `layouts` lists them and says of what they are made. `applying` adds
what is not there yet, `taking_back` takes away what nobody has used since.
"""
