/// Sessions of one graph, each for calls of one shape.
///
/// On a GPU a convolution plans anew whenever the shape of its input changes, and remembers no plan but the last (ONNX
/// Runtime's issue 23006): photos of three shapes in turn took a second each, with the GPU idle. So each shape that comes
/// often gets a session of its own, which costs little beside.
pub(super) struct Shapes<S> {
    most: usize,
    /// With the shape that each ran last, the latest at the end.
    sessions: Vec<(Shape, S)>,
}

/// The shapes of all inputs, the batch with them.
type Shape = Vec<Vec<usize>>;

impl<S> Shapes<S> {
    /// At most `most` sessions, of which there is one already.
    pub(super) fn new(most: usize, first: S) -> Self {
        Self {
            most: most.max(1),
            sessions: vec![(Vec::new(), first)],
        }
    }

    /// The session that ran this shape last; else one that has run nothing, a new one, or, if there are as many as there
    /// may be or `open` gives none, the one that has been idle longest.
    pub(super) fn session(&mut self, shape: Shape, open: impl FnOnce() -> Option<S>) -> &mut S {
        let of = |wanted: &[Vec<usize>]| self.sessions.iter().position(|(shape, _)| shape == wanted);
        let (_, session) = match of(&shape).or_else(|| of(&[])) {
            Some(index) => self.sessions.remove(index),
            None => match (self.sessions.len() < self.most).then(open).flatten() {
                Some(session) => (Vec::new(), session),
                None => self.sessions.remove(0),
            },
        };
        &mut self.sessions.push_mut((shape, session)).1
    }

    /// Closes all but the latest; says whether there were any.
    pub(super) fn close_spares(&mut self) -> bool {
        let spares = self.sessions.len() - 1;
        self.sessions.drain(..spares);
        spares > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sessions, by number, that calls of these shapes run on.
    fn ran_on(sessions: &mut Shapes<usize>, shapes: &str, opened: &mut usize) -> Vec<usize> {
        let shape = |name: char| vec![vec![name as usize]];
        let mut open = || {
            *opened += 1;
            Some(*opened)
        };
        shapes
            .chars()
            .map(|name| *sessions.session(shape(name), &mut open))
            .collect()
    }

    #[test]
    fn a_shape_comes_back_to_its_session() {
        let mut opened = 0;
        let ran = ran_on(&mut Shapes::new(3, 0), "abacbbca", &mut opened);
        assert_eq!((ran, opened), (vec![0, 1, 0, 2, 1, 1, 2, 0], 2));
    }

    #[test]
    fn the_session_that_was_idle_longest_takes_the_shape_that_is_one_too_many() {
        let mut opened = 0;
        let ran = ran_on(&mut Shapes::new(2, 0), "abacabc", &mut opened);
        assert_eq!((ran, opened), (vec![0, 1, 0, 1, 0, 1, 0], 1));
        assert_eq!(ran_on(&mut Shapes::new(1, 7), "aba", &mut opened), [7, 7, 7]);
    }

    #[test]
    fn a_session_that_can_not_be_opened_is_done_without() {
        let mut sessions = Shapes::new(3, 0);
        for name in [1, 2, 1] {
            assert_eq!(*sessions.session(vec![vec![name]], || None), 0);
        }
    }

    #[test]
    fn only_the_latest_stays_when_spares_are_closed() {
        let (mut sessions, mut opened) = (Shapes::new(3, 0), 0);
        assert!(!sessions.close_spares());
        ran_on(&mut sessions, "abca", &mut opened);
        assert!(sessions.close_spares());
        assert_eq!(ran_on(&mut sessions, "ab", &mut opened), [0, 3]);
    }
}
