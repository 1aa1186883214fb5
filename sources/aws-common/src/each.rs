//! Calls for each of several things.

use std::future::Future;

use auditor_core::error::SourceError;
use futures::{StreamExt as _, stream};

use crate::input::Input;

/// Calls prepared at the same time; the caller decides how many leave.
const AHEAD: usize = 4;
/// When the first so many calls for different things failed, the others are not made: a missing right is the same for
/// all, and a service that is out is not waited for a thousand times.
const ENOUGH: usize = 3;

/// Makes a call for each of several things, a few at a time, and answers in their order.
pub async fn for_each<I, T, Fut>(things: &[I], call: impl Fn(&I) -> Fut) -> Vec<Input<T>>
where
    Fut: Future<Output = Result<T, SourceError>>,
{
    let mut answers: Vec<Input<T>> = Vec::with_capacity(things.len());
    for thing in things.iter().take(ENOUGH) {
        answers.push(call(thing).await.into());
    }
    if things.len() > ENOUGH
        && let Some(Input::Denied(error) | Input::Failed(error)) = answers.last()
        && answers.iter().all(|answer| answer.known().is_none())
    {
        let error = error.again();
        answers.extend((ENOUGH..things.len()).map(|_| Err(error.again()).into()));
        return answers;
    }
    // Futures are made here, not in the stream, so that they borrow from `things` alone.
    let rest: Vec<_> = things.iter().skip(ENOUGH).map(&call).collect();
    let mut rest = stream::iter(rest).buffered(AHEAD);
    while let Some(answer) = rest.next().await {
        answers.push(answer.into());
    }
    answers
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_is_denied_for_the_first_is_not_tried_for_all() {
        let asked = AtomicUsize::new(0);
        let things: Vec<usize> = (0..50).collect();
        let ask = |denied: usize| {
            asked.store(0, Ordering::Relaxed);
            let asked = &asked;
            for_each(&things, move |thing| {
                asked.fetch_add(1, Ordering::Relaxed);
                let thing = *thing;
                async move { if thing < denied { Err(SourceError::denied("a:B", "no")) } else { Ok(thing) } }
            })
        };
        let answers = ask(3).await;
        assert_eq!((answers.len(), asked.load(Ordering::Relaxed)), (50, 3));
        assert!(answers.iter().all(|answer| matches!(answer, Input::Denied(_))));

        let answers = ask(2).await;
        assert_eq!(asked.load(Ordering::Relaxed), 50);
        let known: Vec<_> = answers.iter().filter_map(|answer| answer.known().copied()).collect();
        assert_eq!(known, (2..50).collect::<Vec<_>>());
    }
}
