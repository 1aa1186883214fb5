//! Sets of actions.

use std::ops::{BitAnd, BitOrAssign, Range};

/// A set of places below a fixed number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Box<[u64]>,
    len: usize,
}

impl Bits {
    pub(crate) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)].into(), len }
    }

    pub(crate) fn all(len: usize) -> Self {
        Self::none(len).complement()
    }

    pub(crate) fn complement(mut self) -> Self {
        for word in &mut self.words {
            *word = !*word;
        }
        let over = self.words.len() * 64 - self.len;
        if let Some(last) = self.words.last_mut() {
            *last &= u64::MAX >> over;
        }
        self
    }

    pub(crate) fn insert(&mut self, place: usize) {
        self.words[place / 64] |= 1 << (place % 64);
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The first place of the set that is not below another one.
    pub(crate) fn first_from(&self, place: usize) -> Option<usize> {
        let mut index = place / 64;
        let mut word = self.words.get(index)? & (u64::MAX << (place % 64));
        while word == 0 {
            index += 1;
            word = *self.words.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }

    pub(crate) fn any_in(&self, range: &Range<usize>) -> bool {
        self.first_from(range.start).is_some_and(|place| place < range.end)
    }

    pub(crate) fn remove_all(&mut self, other: &Self) {
        for (mine, other) in self.words.iter_mut().zip(&other.words) {
            *mine &= !other;
        }
    }

    pub(crate) fn intersects(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(mine, other)| mine & other != 0)
    }
}

impl BitOrAssign<&Self> for Bits {
    fn bitor_assign(&mut self, other: &Self) {
        for (mine, other) in self.words.iter_mut().zip(&other.words) {
            *mine |= other;
        }
    }
}

impl BitAnd for &Bits {
    type Output = Bits;

    fn bitand(self, other: Self) -> Bits {
        let words = self.words.iter().zip(&other.words).map(|(mine, other)| mine & other).collect();
        Bits { words, len: self.len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_within_words() {
        let mut bits = Bits::none(200);
        bits.insert(64);
        bits.insert(130);
        for (range, expected) in
            [(0..64, false), (0..65, true), (64..65, true), (65..130, false), (65..131, true), (131..200, false), (0..0, false)]
        {
            assert_eq!(bits.any_in(&range), expected, "{range:?}");
        }
        assert_eq!(bits.clone().complement().count(), 198);
        assert_eq!(Bits::all(200).count(), 200);
    }
}
