"""What things are: Article, Mention, Entity, Stance, the record's Arrow schema, DeadLetter. No Beam, no models."""
