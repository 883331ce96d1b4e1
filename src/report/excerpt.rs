//! What errors and findings share when they are shown: the renderer, the excerpt with its underline, and
//! texts made harmless.
//!
//! Knows: places, and how compilers show them. Must never know: what is shown, or which stream it is for.

use crate::error::Place;
use annotate_snippets::{Annotation, AnnotationKind, Origin, Renderer, Snippet, normalize_untrusted_str};

/// Narrower than this no excerpt can be read, and the renderer cannot count much wider, whatever the
/// terminal says.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=10_000;

/// A renderer for plain text or colours, with excerpts cut to `width` columns.
pub(super) fn renderer(colour: bool, width: usize) -> Renderer {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(width.clamp(*WIDTHS.start(), *WIDTHS.end()))
}

/// How far the underline may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the end of the first line; further lines are shown without it.
    Line,
    /// Over all lines; of many only the first and the last are shown.
    Lines,
}

/// The excerpt of a place, underlined; none if there is nothing to be seen.
pub(super) fn snippet<'a>(
    place: &Place,
    label: Option<&str>,
    reach: Reach,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let text = place.text.as_deref().filter(|text| text.contains(|letter: char| !letter.is_whitespace()))?;
    let text = harmless(text);
    let marked = match reach {
        Reach::Line => text.lines().next().unwrap_or_default(),
        Reach::Lines => text.as_str(),
    };
    let start = offset(marked, place.column.saturating_sub(1));
    let end = offset(marked, place.column.saturating_sub(1).saturating_add(place.length));
    let mark = AnnotationKind::Primary.span(start..end).label(label.map(one_line));
    // The renderer adds to the number of the line; no file has half as many lines as can be counted.
    let line_start = place.line.min(usize::MAX / 2);
    let snippet = Snippet::source(text).path(one_line(&place.file)).line_start(line_start);
    Some(snippet.fold(reach == Reach::Lines).annotation(mark))
}

/// Where something is, when nothing of it can be shown.
pub(super) fn origin(place: &Place) -> Origin<'static> {
    Origin::path(one_line(&place.file)).line(place.line).char_column(place.column)
}

/// The byte at which the character of that index starts, or the end of the text.
fn offset(text: &str, index: usize) -> usize {
    text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
}

/// Replaces the control characters that the renderer does not know, one for one: columns stay.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|letter| if is_late_control(letter) { '\u{fffd}' } else { letter }).collect()
}

/// The second set of control characters, with which some terminals can be steered as with the first.
fn is_late_control(letter: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&letter)
}

/// A text that may have several lines, without anything that steers a terminal.
pub(super) fn footer(text: &str) -> String {
    normalize_untrusted_str(&harmless(text.trim_end()))
}

/// The same in one line.
pub(super) fn one_line(text: &str) -> String {
    footer(text).replace('\n', " ")
}
