"""The same draws that bench makes: PCG XSL RR 128/64 (O'Neill 2014), seeded by one number, and whole numbers from it as the upper half of a product."""

MASK_64, MASK_128 = (1 << 64) - 1, (1 << 128) - 1
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645


def rotated(value, by, bits):
    return ((value >> by) | (value << (bits - by) & ((1 << bits) - 1))) & ((1 << bits) - 1)


class Random:
    """As `rand_pcg`'s Pcg64 of `seed_from_u64`."""

    def __init__(self, seed):
        # Its 32 bytes come from a small PCG of 64 bits, four at a time.
        words, state = [], seed
        for _ in range(8):
            state = (state * 6364136223846793005 + 11634580027462260723) & MASK_64
            shaken = ((state >> 18) ^ state) >> 27 & 0xFFFFFFFF
            words.append(rotated(shaken, state >> 59, 32))
        halves = [sum(word << (32 * at) for at, word in enumerate(words[from_at:from_at + 4])) for from_at in (0, 4)]
        self.increment = halves[1] | 1
        self.state = (halves[0] + self.increment) & MASK_128
        self.step()

    def step(self):
        self.state = (self.state * MULTIPLIER + self.increment) & MASK_128

    def next(self):
        self.step()
        return rotated((self.state >> 64) ^ (self.state & MASK_64), self.state >> 122, 64)

    def below(self, count):
        return self.next() * count >> 64


def resamples(units, seed=19, times=10_000):
    """So many draws of as many units as there are, with replacement."""
    random = Random(seed)
    for _ in range(times):
        yield [random.below(units) for _ in range(units)]
