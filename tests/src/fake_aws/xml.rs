//! Writing the XML of the AWS Query protocol.

use std::fmt::Display;

use super::estate::Time;

/// XML under construction. Element names are ours and need no escaping; text is escaped.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// An element with content.
    pub(super) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        content(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: impl Display) {
        self.element(name, |xml| xml.text_only(text));
    }

    /// Text in the element that is open.
    pub(super) fn text_only(&mut self, text: impl Display) {
        for c in text.to_string().chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                c => self.0.push(c),
            }
        }
    }

    /// An element with text, if there is any.
    pub(super) fn optional(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element with a time.
    pub(super) fn time(&mut self, name: &str, time: Time) {
        self.text(name, time.format("%Y-%m-%dT%H:%M:%SZ"));
    }

    /// An element with a time, if there is any.
    pub(super) fn optional_time(&mut self, name: &str, time: Option<Time>) {
        if let Some(time) = time {
            self.time(name, time);
        }
    }

    /// A list: one `member` element per item.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut member: impl FnMut(&mut Self, T),
    ) {
        self.element(name, |xml| {
            for item in items {
                xml.element("member", |xml| member(xml, item));
            }
        });
    }

    /// A policy document, encoded as AWS does it.
    pub(super) fn document(&mut self, name: &str, document: &str) {
        self.text(name, percent_encoding::utf8_percent_encode(document, UNRESERVED_KEPT));
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// RFC 3986: everything but unreserved characters is encoded, a space as `%20`.
const UNRESERVED_KEPT: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_documents_are_encoded() {
        let mut xml = Xml::default();
        xml.text("a", "<&>");
        xml.document("b", "{\"x\": \"a+b ü\"}");
        xml.list("c", [1, 2], |xml, item| xml.text("n", item));
        assert_eq!(
            xml.finish(),
            "<a>&lt;&amp;&gt;</a><b>%7B%22x%22%3A%20%22a%2Bb%20%C3%BC%22%7D</b>\
             <c><member><n>1</n></member><member><n>2</n></member></c>"
        );
    }
}
