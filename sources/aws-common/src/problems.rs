//! Failures of single records of a listing: each reason is told once, with how many records it concerns.

use auditor_core::{
    error::SourceError,
    model::Kind,
    outcome::{Gap, GapReason},
    source::Emitter,
};

use crate::input::Input;

/// What stood in the way of single records of one kind.
#[derive(Default)]
pub struct Problems {
    found: Vec<Problem>,
}

struct Problem {
    error: SourceError,
    /// The first thing it concerns, and how many there are in all.
    first: String,
    count: usize,
}

/// That a record cannot be made now: what it needs failed in passing.
pub struct Skip;

impl Problems {
    /// Something that completes one record: `None` if it was not asked for or was denied, which is noted.
    ///
    /// # Errors
    /// [`Skip`] if it failed in passing, which is noted: the record must not look as if it had changed.
    pub fn optional<'a, T>(&mut self, which: &str, input: &'a Input<T>) -> Result<Option<&'a T>, Skip> {
        match input {
            Input::Known(value) => Ok(Some(value)),
            Input::NotProvided(_) => Ok(None),
            Input::Denied(error) => {
                self.note(which, error);
                Ok(None)
            }
            Input::Failed(error) => {
                self.note(which, error);
                Err(Skip)
            }
        }
    }

    /// Something that one record, or several, are made of: `None` if it could not be read, which is noted.
    pub fn required<'a, T>(&mut self, which: &str, input: &'a Input<T>) -> Option<&'a T> {
        match input {
            Input::Known(value) => Some(value),
            Input::NotProvided(_) => None,
            Input::Denied(error) | Input::Failed(error) => {
                self.note(which, error);
                None
            }
        }
    }

    /// Notes a failure.
    pub fn note(&mut self, which: &str, error: &SourceError) {
        let same = |problem: &&mut Problem| {
            problem.error.reason() == error.reason() && problem.error.action() == error.action()
        };
        match self.found.iter_mut().find(same) {
            Some(problem) => problem.count += 1,
            None => {
                self.found.push(Problem { error: error.again(), first: which.to_owned(), count: 1 });
            }
        }
    }

    /// Tells what was noted, as gaps of the kind.
    ///
    /// # Errors
    /// The first failure, if nothing at all could be emitted for it; failures that end every listing.
    pub fn tell(self, emit: &Emitter, kind: &'static Kind, emitted: usize) -> Result<(), SourceError> {
        let mut first = None;
        for problem in self.found {
            if matches!(problem.error.reason(), GapReason::Stopped | GapReason::Internal) {
                return Err(problem.error);
            }
            if emitted == 0 && first.is_none() {
                first = Some(problem.error);
                continue;
            }
            let mut gap = Gap::from(&problem.error);
            let others = problem.count - 1;
            let more = if others == 0 { String::new() } else { format!(" and {others} more") };
            gap.detail = format!("{} ({}{more})", gap.detail, problem.first);
            emit.gap(kind, gap);
        }
        first.map_or(Ok(()), Err)
    }
}
