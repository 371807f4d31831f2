"""State registers of legal entities: what they say of a tax id, taken over into a contact.

entries    what a register says, whatever its own words for it are          [pure]
providers  registers that lie in a file, and those that are asked over HTTP
setup      which registers there are, out of the file that the setting `registers` names
pages      the button on the card: fills what is empty, and notes who is unreliable
"""
