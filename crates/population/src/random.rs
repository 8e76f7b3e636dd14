//! Chance that is the same on every machine and for ever: SplitMix64, and whole numbers only.

/// A stream of random numbers.
pub(crate) struct Random(u64);

/// What SplitMix64 adds at each step; odd, so that the streams of different numbers are far apart.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// The stream of this number within the population of this seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed.wrapping_add(STEP)) ^ stream.wrapping_mul(STEP)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from 0 up to, but not including, `end`.
    pub(crate) fn below(&mut self, end: u32) -> i64 {
        i64::from(high_half((self.next() >> 32) * u64::from(end)))
    }

    /// A number from `low` to `high`, both included; `low` when there is none.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(u32::try_from(high - low + 1).unwrap_or(1))
    }

    /// Whether something happens that happens this many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        self.below(1000) < per_mille
    }

    /// A number of the normal distribution, never more than six deviations away.
    pub(crate) fn bell(&mut self, mean: i64, deviation: i64) -> i64 {
        // The sum of twelve even numbers in 0..65536 has the deviation 65536 and nearly the bell's shape.
        let mut sum = -6 * 65536;
        for _ in 0..3 {
            let bits = self.next();
            sum += [0, 16, 32, 48].iter().map(|shift| i64::from(low_16(bits >> shift))).sum::<i64>();
        }
        mean + (deviation * sum).div_euclid(65536)
    }

    /// A row of a table, which is never empty.
    #[expect(
        clippy::indexing_slicing,
        reason = "a number below the table's length, and no table here is empty"
    )]
    pub(crate) fn pick<'t, T>(&mut self, table: &'t [T]) -> &'t T {
        &table[self.place(table.len())]
    }

    /// A place in something of this length.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let end = u32::try_from(length).unwrap_or(u32::MAX);
        usize::try_from(self.below(end)).unwrap_or_default()
    }

    /// The number of one of several weights, the likelier the heavier it is.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                rest -= i64::from(*weight);
                rest < 0
            })
            .unwrap_or_default()
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

fn high_half(bits: u64) -> u32 {
    u32::try_from(bits >> 32).unwrap_or_default()
}

fn low_16(bits: u64) -> u16 {
    u16::try_from(bits & 0xFFFF).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_numbers_of_splitmix64() {
        let mut random = Random(1_234_567);
        let drawn = [random.next(), random.next(), random.next()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn shapes() {
        let mut random = Random::new(1, 1);
        let drawn: Vec<i64> = (0..10_000).map(|_| random.bell(1000, 100)).collect();
        let mean = drawn.iter().sum::<i64>() / 10_000;
        let variance = drawn.iter().map(|value| (value - mean).pow(2)).sum::<i64>() / 10_000;
        assert!((990..=1010).contains(&mean), "{mean}");
        assert!((9_000..=11_000).contains(&variance), "{variance}");

        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[random.weighted(&[1, 0, 3])] += 1;
        }
        assert!((2_300..2_700).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        assert!((0..1000).all(|_| (-2..=2).contains(&random.between(-2, 2))));
        assert_eq!(random.between(5, 4), 5);
    }

    #[test]
    fn streams_differ() {
        let first = |seed, stream| Random::new(seed, stream).next();
        assert_ne!(first(1, 1), first(1, 2));
        assert_ne!(first(1, 1), first(2, 1));
        assert_ne!(first(1, 2), first(2, 1));
    }
}
