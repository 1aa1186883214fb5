//! Sets of actions.

use std::ops::{BitAnd, BitOrAssign, Range};

/// A set of places below a fixed number.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    words: Box<[u64]>,
    /// Words outside of it are zero: most sets are of few services.
    span: Range<usize>,
    len: usize,
}

impl Bits {
    pub(crate) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)].into(), span: 0..0, len }
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
        self.span = 0..self.words.len();
        self
    }

    pub(crate) fn insert(&mut self, place: usize) {
        self.words[place / 64] |= 1 << (place % 64);
        self.widen(&(place / 64..place / 64 + 1));
    }

    fn widen(&mut self, span: &Range<usize>) {
        if self.span.is_empty() {
            self.span = span.clone();
        } else if !span.is_empty() {
            self.span = self.span.start.min(span.start)..self.span.end.max(span.end);
        }
    }

    fn common(&self, other: &Self) -> Range<usize> {
        let start = self.span.start.max(other.span.start);
        start..self.span.end.min(other.span.end).max(start)
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words[self.span.clone()].iter().all(|word| *word == 0)
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
        for index in self.common(other) {
            self.words[index] &= !other.words[index];
        }
    }

    pub(crate) fn intersects(&self, other: &Self) -> bool {
        self.common(other).any(|index| self.words[index] & other.words[index] != 0)
    }
}

impl BitOrAssign<&Self> for Bits {
    fn bitor_assign(&mut self, other: &Self) {
        for index in other.span.clone() {
            self.words[index] |= other.words[index];
        }
        self.widen(&other.span);
    }
}

impl BitAnd for &Bits {
    type Output = Bits;

    fn bitand(self, other: Self) -> Bits {
        let mut both = Bits::none(self.len);
        both.span = self.common(other);
        for index in both.span.clone() {
            both.words[index] = self.words[index] & other.words[index];
        }
        both
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
        for (range, expected) in [
            (0..64, false),
            (0..65, true),
            (64..65, true),
            (65..130, false),
            (65..131, true),
            (131..200, false),
            (0..0, false),
        ] {
            assert_eq!(bits.any_in(&range), expected, "{range:?}");
        }
        assert_eq!(bits.clone().complement().count(), 198);
        assert_eq!(Bits::all(200).count(), 200);
    }
}
