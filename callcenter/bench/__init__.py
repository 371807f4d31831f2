"""The benches: what the product claims of its speed, measured on your machine.

Each bench pits the product against its peers and against the limit the machine sets, in
turns, so that ratios hold where seconds do not. `docs/reference/bench.md` says what each
figure means. Streams and people come from generators of its own, the same for a seed.
"""
