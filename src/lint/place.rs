//! Where a finding stands in its file.

use crate::error::Place;
use crate::sql::statement::{Origin, Span, Statement};

/// The place of a part of a statement. `source` is the text of its file, if that is at hand.
pub(super) fn of(statement: &Statement, span: Span, source: Option<&str>) -> Place {
    let Origin { file, line, offset } = &statement.origin;
    if let (Some(offset), Some(source)) = (offset, source) {
        return Place::over_lines(file, source, offset + span.start, offset + span.end);
    }
    let mut place = Place::over_lines(file, &statement.text, span.start, span.end);
    place.line += line.saturating_sub(1);
    place
}
