/// What the daemon still owes to people who answered: bookkeeping beside the counters.
enum Migration2 {
    static let sql = """
        -- A withdrawal or erasure that must still be said for another subject of the same person.
        CREATE TABLE \(InternalTable.owedAnswer) (
            subject TEXT NOT NULL,
            kind TEXT NOT NULL,              -- 'withdrawn' or 'forgotten'
            cause INTEGER NOT NULL,          -- seq of the line by which the person answered
            place INTEGER NOT NULL,          -- from 2; names the line that will say it
            PRIMARY KEY (subject, kind)
        ) WITHOUT ROWID;
        -- Who was one person when she withdrew, which cut her links: a later erasure must find all.
        CREATE TABLE \(InternalTable.formerLink) (
            subject TEXT NOT NULL,
            other TEXT NOT NULL,
            PRIMARY KEY (subject, other)
        ) WITHOUT ROWID;
        -- A subject whose lines are still to be reduced in the segments: those up to and including
        -- `seq`, or where `alone` that line only.
        CREATE TABLE \(InternalTable.erasure) (
            subject TEXT NOT NULL,
            seq INTEGER NOT NULL,
            alone INTEGER NOT NULL,
            PRIMARY KEY (subject, seq, alone)
        ) WITHOUT ROWID;
        """
}
