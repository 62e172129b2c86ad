"""How the bundled name model is made: data, templates, training, evaluation."""
