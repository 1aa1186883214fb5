//! Glob patterns: `*` and `?`, matched against text and against each other.

use std::fmt;

/// Longest pattern, in characters. AWS's own limits on documents lie far below what a longer one would need.
pub const MAX_PATTERN: usize = 4096;

/// A glob: `*` stands for any characters, `?` for exactly one, and nothing else is special.
///
/// Runs of wildcards are kept in one form (`?` first, then one `*`), so that equal languages compare as such.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: Box<str>,
    tokens: Box<[Token]>,
    fold: bool,
}

/// One position of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any characters, or none.
    Many,
}

impl Pattern {
    /// A pattern of actions: ASCII letters match in either case.
    pub fn action(text: &str) -> Self {
        Self::new(text, tokens(text), true)
    }

    /// A pattern of resources: case counts.
    pub fn resource(text: &str) -> Self {
        Self::new(text, tokens(text), false)
    }

    /// A pattern that matches this text alone.
    pub fn literal(text: &str) -> Self {
        Self::new(text, text.chars().map(Token::Char).collect(), false)
    }

    pub(crate) fn new(text: &str, mut tokens: Vec<Token>, fold: bool) -> Self {
        if fold {
            for token in &mut tokens {
                if let Token::Char(character) = token {
                    character.make_ascii_lowercase();
                }
            }
        }
        Self { text: text.into(), tokens: normal(tokens).into(), fold }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches every text.
    pub fn is_everything(&self) -> bool {
        *self.tokens == [Token::Many]
    }

    /// Whether it has no wildcard.
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// Length in characters.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The characters before the first wildcard, in lower case for actions.
    pub fn prefix(&self) -> String {
        self.tokens
            .iter()
            .map_while(|token| match token {
                Token::Char(character) => Some(*character),
                Token::One | Token::Many => None,
            })
            .collect()
    }

    /// What it became: values in place of variables, wildcards as such.
    pub(crate) fn text(&self) -> String {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Char(character) => *character,
                Token::One => '?',
                Token::Many => '*',
            })
            .collect()
    }

    /// Whether it matches a text.
    pub fn matches(&self, text: &str) -> bool {
        let fold = self.fold;
        glob(&self.tokens, text.chars(), |token, mut character| match token {
            Token::Char(expected) => {
                if fold {
                    character.make_ascii_lowercase();
                }
                expected == character
            }
            Token::One | Token::Many => true,
        })
    }

    /// Whether it matches every text that the other one matches. `false` also where that cannot be told from the two
    /// patterns position by position (`??*` and `a*b`), which errs on the side of "not all".
    pub fn covers(&self, other: &Self) -> bool {
        glob(&self.tokens, other.tokens.iter().copied(), |token, other| match token {
            Token::Char(_) => token == other,
            Token::One => other != Token::Many,
            Token::Many => true,
        })
    }

    /// Whether some text is matched by both.
    pub fn intersects(&self, other: &Self) -> bool {
        let (a, b) = (&self.tokens, &other.tokens);
        for (a, b) in a.iter().zip(b) {
            match (a, b) {
                (Token::Char(a), Token::Char(b)) if a != b => return false,
                (Token::Many, _) | (_, Token::Many) => break,
                _ => {}
            }
        }
        if self.is_literal() && other.is_literal() {
            return a == b;
        }
        // `reached[j]`: some text is matched by the first i tokens of one and the first j of the other.
        let mut reached = vec![false; b.len() + 1];
        let mut next = vec![false; b.len() + 1];
        reached[0] = true;
        for i in 0..=a.len() {
            next.fill(false);
            let x = a.get(i).copied();
            for j in 0..=b.len() {
                if !reached[j] {
                    continue;
                }
                let y = b.get(j).copied();
                if x == Some(Token::Many) {
                    next[j] = true;
                }
                match (x, y) {
                    (_, Some(Token::Many)) | (Some(Token::Many), Some(_)) => reached[j + 1] = true,
                    _ => {}
                }
                match (x, y) {
                    (Some(Token::Char(x)), Some(Token::Char(y))) if x != y => {}
                    (Some(Token::Many) | None, _) | (_, None) => {}
                    (Some(_), Some(Token::Many)) => next[j] = true,
                    (Some(_), Some(_)) => next[j + 1] = true,
                }
            }
            if i < a.len() {
                std::mem::swap(&mut reached, &mut next);
            }
        }
        reached[b.len()]
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)
    }
}

/// A text's tokens, all wildcards meant as such.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    text.chars()
        .map(|character| match character {
            '*' => Token::Many,
            '?' => Token::One,
            other => Token::Char(other),
        })
        .collect()
}

/// Within each run of wildcards, `?` first and then at most one `*`.
fn normal(tokens: Vec<Token>) -> Vec<Token> {
    let mut normal = Vec::with_capacity(tokens.len());
    let mut many = false;
    for token in tokens {
        match token {
            Token::Many => many = true,
            Token::One => normal.push(Token::One),
            Token::Char(_) => {
                if std::mem::take(&mut many) {
                    normal.push(Token::Many);
                }
                normal.push(token);
            }
        }
    }
    if many {
        normal.push(Token::Many);
    }
    normal
}

/// Whether a pattern matches a word, going back only to the latest `*`: time at most the product of the lengths.
fn glob<T: Copy>(
    pattern: &[Token],
    word: impl Iterator<Item = T> + Clone,
    matches: impl Fn(Token, T) -> bool,
) -> bool {
    let mut word = word;
    let mut at = 0;
    let mut retry = None;
    loop {
        if pattern.get(at) == Some(&Token::Many) {
            at += 1;
            if at == pattern.len() {
                return true;
            }
            retry = Some((at, word.clone()));
            continue;
        }
        let mut rest = word.clone();
        match (pattern.get(at), rest.next()) {
            (None, None) => return true,
            (Some(token), Some(letter)) if matches(*token, letter) => {
                at += 1;
                word = rest;
                continue;
            }
            // Nothing of the word is left, so that a longer `*` leaves still less.
            (_, None) => return false,
            _ => {}
        }
        let Some((after, from)) = &mut retry else { return false };
        if from.next().is_none() {
            return false;
        }
        at = *after;
        word = from.clone();
    }
}
