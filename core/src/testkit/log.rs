//! Everything that is logged on this thread, as text.

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// Keeps what is logged on this thread, at every level, until dropped.
pub(super) struct Log {
    text: Text,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<String>>);

impl Log {
    pub(super) fn start() -> Self {
        let text = Text::default();
        let guard = tracing::subscriber::set_default(text.clone());
        // Places that were passed before, by another test, remember that nobody listened.
        tracing::callsite::rebuild_interest_cache();
        Self { text, _guard: guard }
    }

    pub(super) fn text(&self) -> String {
        self.text.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(text, "{field}={value:?}").expect("writing to a string cannot fail");
    }
}

impl Subscriber for Text {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
