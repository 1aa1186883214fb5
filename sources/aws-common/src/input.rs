//! What one call gave: known, denied, failed, or not asked for (`docs/adr/0005`).

use auditor_core::{error::SourceError, model::Kind, outcome::Gap, source::Emitter};

/// What one call or file gave.
#[derive(Debug)]
pub enum Input<T> {
    /// It was read.
    Known(T),
    /// A standing condition: the right is missing. What only completes a record is left null, with a gap.
    Denied(SourceError),
    /// A passing condition, or one nobody foresaw. Records that need it are not emitted, lest it look like a change.
    Failed(SourceError),
    /// A standing condition: this deployment was not given it. The gap is absent where that is nothing to tell.
    NotProvided(Option<Gap>),
}

impl<T> Default for Input<T> {
    fn default() -> Self {
        Self::NotProvided(None)
    }
}

impl<T> From<Result<T, SourceError>> for Input<T> {
    fn from(result: Result<T, SourceError>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(error) if matches!(error.root(), SourceError::Denied { .. }) => Self::Denied(error),
            Err(error) => Self::Failed(error),
        }
    }
}

impl<T> Input<T> {
    /// What was read, if it was.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// For a kind that is nothing without this input: `None`, with a gap, if it was not provided.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn required(&self, emit: &Emitter, kind: &'static Kind) -> Result<Option<&T>, SourceError> {
        match self {
            Self::Denied(error) => Err(error.again()),
            _ => self.optional(emit, kind),
        }
    }

    /// For a kind that this input only completes: `None`, with a gap, if the condition is a standing one.
    ///
    /// # Errors
    /// Why it could not be read, if that may pass.
    pub fn optional(&self, emit: &Emitter, kind: &'static Kind) -> Result<Option<&T>, SourceError> {
        match self {
            Self::Known(value) => Ok(Some(value)),
            Self::Failed(error) => Err(error.again()),
            Self::Denied(error) => {
                emit.gap(kind, Gap::from(error));
                Ok(None)
            }
            Self::NotProvided(gap) => {
                if let Some(gap) = gap {
                    emit.gap(kind, gap.clone());
                }
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_denial_is_a_standing_failure() {
        let input = |error| Input::<()>::from(Err(error));
        assert!(matches!(input(SourceError::denied("a:B", "no").with_hint("ask")), Input::Denied(_)));
        assert!(matches!(input(SourceError::unavailable("a:B", "cut")), Input::Failed(_)));
        assert!(matches!(input(SourceError::rejected("a:B", "bad")), Input::Failed(_)));
    }
}
