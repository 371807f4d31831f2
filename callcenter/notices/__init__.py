"""What somebody is told without having asked: named by a colleague, given work, reminded.

notices   written in the transaction of what they tell of
teller    tells them live, once
pages     the bell
"""
