//! The rules every analyzer keeps, as tests.
//!
//! ```ignore
//! // `fn world() -> AnalyzerFixture`: listings from which it derives something of every kind.
//! auditor_core::analyzer_conformance!(world);
//! ```

use crate::{
    analyzer::{Analyzer, Listing},
    model::AccountId,
};

/// An analyzer with something to look at.
pub struct AnalyzerFixture {
    /// The analyzer.
    pub analyzer: Box<dyn Analyzer>,
    /// The account of the view. `None`: it looks at all of them.
    pub account: Option<AccountId>,
    /// What is stored, complete.
    pub listings: Vec<Listing>,
    /// Inputs without which something that it says cannot be said: one of them unread must not look like one of them
    /// empty.
    pub decisive: &'static [&'static str],
}

/// One function per rule; [`analyzer_conformance!`](crate::analyzer_conformance) makes a test of each.
pub mod analyzer_rules {
    #![expect(clippy::missing_panics_doc, reason = "a rule that is broken panics: that is what a test does")]

    use std::collections::BTreeSet;

    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};

    use super::AnalyzerFixture;
    use crate::{
        analyzer::{Listing, View},
        model::{Record, Resource},
        outcome::Outcome,
    };

    fn analyze(fixture: &AnalyzerFixture, listings: &[Listing]) -> Vec<Resource> {
        let at: DateTime<Utc> = "2026-10-01T00:00:00Z".parse().expect("a time");
        let view = View { account: fixture.account.as_ref(), at, listings, shared: &[] };
        let mut derived = Vec::new();
        fixture.analyzer.analyze(&view, &mut |resource| derived.push(resource));
        derived
    }

    /// From complete listings it derives something of every kind it declares, and of no other; ids are there once.
    pub fn derives_what_it_declares(fixture: &AnalyzerFixture) {
        let derived = analyze(fixture, &fixture.listings);
        let declared: BTreeSet<_> = fixture.analyzer.outputs().iter().map(|kind| kind.name).collect();
        let seen: BTreeSet<_> = derived.iter().map(|resource| resource.kind.name).collect();
        assert_eq!(seen, declared);
        let mut ids = BTreeSet::new();
        for resource in &derived {
            assert!(
                ids.insert((resource.kind.name, &resource.native_id)),
                "{} `{}` twice",
                resource.kind.name,
                resource.native_id
            );
        }
        let inputs = fixture.analyzer.inputs();
        for listing in &fixture.listings {
            assert!(inputs.contains(&listing.kind.as_str()), "{} is none of its inputs", listing.kind);
        }
    }

    /// The same view gives the same resources in the same order.
    pub fn derives_the_same_again(fixture: &AnalyzerFixture) {
        let fingerprints = || {
            let derived = analyze(fixture, &fixture.listings).into_iter().map(Record::new);
            derived.map(|record| (record.native_id, record.fingerprint)).collect::<Vec<_>>()
        };
        assert_eq!(fingerprints(), fingerprints());
    }

    /// Every column has a value in at least one record.
    pub fn derived_columns_lead_somewhere(fixture: &AnalyzerFixture) {
        let derived = analyze(fixture, &fixture.listings);
        for kind in fixture.analyzer.outputs() {
            for column in kind.columns {
                let there = |resource: &Resource| resource.document.pointer(column.pointer).is_some();
                assert!(
                    derived.iter().any(|resource| resource.kind == kind && there(resource)),
                    "{}: no record has {}",
                    kind.name,
                    column.pointer
                );
            }
        }
    }

    /// A listing that could not be read is not taken for one that is empty.
    pub fn unread_is_not_empty(fixture: &AnalyzerFixture) {
        for kind in fixture.decisive {
            let with = |outcome: Outcome| {
                let mut listings = fixture.listings.clone();
                let of_kind = listings.iter_mut().filter(|listing| listing.kind == *kind);
                for listing in of_kind {
                    listing.outcome = outcome;
                    listing.items.clear();
                }
                analyze(fixture, &listings)
            };
            assert_ne!(with(Outcome::Denied), with(Outcome::Complete), "{kind} unread looks like none there");
        }
    }

    /// Records of any shape do it no harm: it ends, and does not panic.
    pub fn odd_documents_do_no_harm(fixture: &AnalyzerFixture) {
        let odd = |document: &Value, way: usize| match (way, document) {
            (0, _) => Value::Null,
            (1, _) => json!([]),
            (2, _) => json!("\u{202e}\u{0000}é"),
            (_, Value::Object(map)) => {
                map.keys().map(|key| (key.clone(), json!([[{}], 1, null, "*"]))).collect()
            }
            (_, other) => other.clone(),
        };
        for way in 0..4 {
            let mut listings = fixture.listings.clone();
            for item in listings.iter_mut().flat_map(|listing| &mut listing.items) {
                item.document = odd(&item.document, way);
                item.activity = item.activity.as_ref().map(|activity| odd(activity, way));
            }
            analyze(fixture, &listings);
        }
    }
}

/// Makes one test per rule of the function, which makes an [`AnalyzerFixture`].
#[macro_export]
macro_rules! analyzer_conformance {
    ($fixture:path) => {
        $crate::analyzer_conformance!($fixture; derives_what_it_declares, derives_the_same_again,
            derived_columns_lead_somewhere, unread_is_not_empty, odd_documents_do_no_harm);
    };
    ($fixture:path; $($rule:ident),+) => {
        $(
            #[test]
            fn $rule() {
                $crate::testkit::analyzer_rules::$rule(&$fixture());
            }
        )+
    };
}
