use std::sync::Arc;

use uuid::Uuid;
use velatura_objects::Location;
use velatura_proto::v1;
use velatura_recipe::Recipe;

use crate::Fault;

/// One photo with all the recipes it is to be painted in.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Where the photo lies.
    pub source: Location,
    /// Its version in its bucket; `None` is the newest.
    pub version_id: Option<String>,
    /// Its key below the source, which templates of masks and depth maps see.
    pub key: String,
    /// At least one.
    pub paintings: Vec<Painting>,
}

/// A recipe and where its picture goes.
#[derive(Debug, Clone)]
pub struct Painting {
    /// How to paint.
    pub recipe: Arc<Recipe>,
    /// Where the picture goes.
    pub output: Location,
}

/// Which attempt of which task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptId {
    /// The job.
    pub job_id: Uuid,
    /// The task within it.
    pub seq: u64,
    /// The attempt, from 1.
    pub attempt: u32,
}

impl Assignment {
    /// What a task asks for.
    pub fn of(task: v1::Task) -> Result<Self, Fault> {
        let paintings = task
            .paintings
            .into_iter()
            .map(painting)
            .collect::<Result<Vec<_>, _>>()?;
        if paintings.is_empty() {
            return Err(Fault::permanent("task-without-recipe", "the task names no recipe"));
        }
        Ok(Self {
            source: task.source.parse()?,
            version_id: Some(task.version_id).filter(|id| !id.is_empty()),
            key: task.key,
            paintings,
        })
    }
}

fn painting(wire: v1::Painting) -> Result<Painting, Fault> {
    let recipe = wire.recipe.unwrap_or_default().try_into()?;
    Ok(Painting {
        recipe: Arc::new(recipe),
        output: wire.output.parse()?,
    })
}
