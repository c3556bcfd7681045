-- Turns what a run has staged as text into records, as shared/ingest does in Python; the golden
-- cases prove both. Only merge_features holds locks: until then readers and writers go on.
--
-- @run_id                the run whose rows in features_staging are loaded, in the order of their
--                        lines
-- @features_limit        FEATURES_LIMIT of the API: records in the list of all genres
-- @expected_rows         what the copy says it has staged; another number fails the load
-- @max_rejected_percent  more rejected rows than that fail the load
--
-- Returns two result sets: (inserted, updated, unchanged, rejected, duplicates), and (scope,
-- version) of the lists that changed. Fails with 50001 when one of the two limits above is not met,
-- 50002 when another load is under way, 50003 inside a transaction, 50004 without the lock, 50005
-- when no row can be stored: the records then stay as they were, and only the rejected lines of the
-- run are kept.
CREATE PROCEDURE spotify.load_features
    @run_id nvarchar(64),
    @features_limit bigint = 100000,
    @expected_rows bigint = NULL,
    @max_rejected_percent float = 100
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    SET IMPLICIT_TRANSACTIONS OFF;
    IF @@TRANCOUNT > 0 THROW 50003, N'Call spotify.load_features outside of a transaction.', 1;
    EXEC spotify.remove_abandoned_rows @run_id;

    -- The characters that Python's str.strip removes.
    DECLARE @blank nvarchar(40) = NCHAR(9) + NCHAR(10) + NCHAR(11) + NCHAR(12) + NCHAR(13)
        + NCHAR(28) + NCHAR(29) + NCHAR(30) + NCHAR(31) + NCHAR(32) + NCHAR(133) + NCHAR(160)
        + NCHAR(5760) + NCHAR(8192) + NCHAR(8193) + NCHAR(8194) + NCHAR(8195) + NCHAR(8196)
        + NCHAR(8197) + NCHAR(8198) + NCHAR(8199) + NCHAR(8200) + NCHAR(8201) + NCHAR(8202)
        + NCHAR(8232) + NCHAR(8233) + NCHAR(8239) + NCHAR(8287) + NCHAR(12288);
    -- `arrival` is the row's place in the file, `staged_as` its arrival in features_staging.
    CREATE TABLE #text (
        arrival bigint NOT NULL PRIMARY KEY,
        line bigint NOT NULL,
        staged_as bigint NOT NULL UNIQUE,
        genre nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        artist_name nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        track_name nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        track_id nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        popularity nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        acousticness nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        danceability nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        duration_ms nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        energy nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        instrumentalness nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        [key] nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        liveness nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        loudness nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        mode nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        speechiness nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        tempo nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        time_signature nvarchar(4000) COLLATE Latin1_General_100_BIN2,
        valence nvarchar(4000) COLLATE Latin1_General_100_BIN2
    );
    -- The line decides which row is the first. A file without the column `line` is taken to have
    -- arrived in its order, the first record in line 2: no server promises that of a bulk insert.
    INSERT INTO #text
    SELECT ROW_NUMBER() OVER (ORDER BY line, arrival),
        ISNULL(line, ROW_NUMBER() OVER (ORDER BY arrival) + 1), arrival,
        TRIM(@blank FROM genre), TRIM(@blank FROM artist_name), TRIM(@blank FROM track_name),
        TRIM(@blank FROM track_id), TRIM(@blank FROM popularity), TRIM(@blank FROM acousticness),
        TRIM(@blank FROM danceability), TRIM(@blank FROM duration_ms), TRIM(@blank FROM energy),
        TRIM(@blank FROM instrumentalness), TRIM(@blank FROM [key]), TRIM(@blank FROM liveness),
        TRIM(@blank FROM loudness), TRIM(@blank FROM mode), TRIM(@blank FROM speechiness),
        TRIM(@blank FROM tempo), TRIM(@blank FROM time_signature), TRIM(@blank FROM valence)
    FROM spotify.features_staging WHERE run_id = @run_id ORDER BY arrival;

    DECLARE @rows bigint = @@ROWCOUNT;
    DECLARE @message nvarchar(400);
    IF @expected_rows <> @rows
    BEGIN
        SET @message = CONCAT(N'The run staged ', @rows, N' rows, not ', @expected_rows, N'.');
        THROW 50001, @message, 1;
    END;

    IF EXISTS (SELECT line FROM #text GROUP BY line HAVING COUNT(*) > 1)
        THROW 50001, N'Two of the staged rows have the same line.', 1;

    -- `place` is the column's in the data set: the first wrong one gives the reason.
    CREATE TABLE #fault (
        arrival bigint NOT NULL,
        place int NOT NULL,
        reason nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL
    );
    -- Every genre once. Its width forbids an index.
    CREATE TABLE #word (
        id int IDENTITY(1, 1) NOT NULL PRIMARY KEY,
        word nvarchar(4000) COLLATE Latin1_General_100_BIN2 NOT NULL,
        units int,
        fault int,
        is_visible int,
        folded nvarchar(300) COLLATE Latin1_General_100_BIN2
    );
    EXEC spotify.find_faults;

    CREATE TABLE #record (
        arrival bigint NOT NULL PRIMARY KEY,
        folded nvarchar(300) COLLATE Latin1_General_100_BIN2 NOT NULL,
        genre nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
        artist_name nvarchar(1000) COLLATE Latin1_General_100_BIN2 NOT NULL,
        track_name nvarchar(2000) COLLATE Latin1_General_100_BIN2 NOT NULL,
        track_id nvarchar(44) COLLATE Latin1_General_100_BIN2 NOT NULL,
        popularity int NOT NULL,
        acousticness float,
        danceability float,
        duration_ms int NOT NULL,
        energy float,
        instrumentalness float,
        [key] nvarchar(4) COLLATE Latin1_General_100_BIN2,
        liveness float,
        loudness float,
        mode nvarchar(10) COLLATE Latin1_General_100_BIN2,
        speechiness float,
        tempo float,
        time_signature nvarchar(6) COLLATE Latin1_General_100_BIN2,
        valence float
    );
    -- What is closer to 0 than 1e-99 is 0, and so is -0: see SMALLEST in shared/tracks/columns.py.
    -- TRY_CONVERT, because a server may convert before it filters.
    INSERT INTO #record
    SELECT t.arrival, w.folded, t.genre, t.artist_name, t.track_name, t.track_id,
        TRY_CONVERT(int, t.popularity),
        CASE WHEN ABS(n.acousticness) < 1e-99 THEN 0 ELSE n.acousticness END,
        CASE WHEN ABS(n.danceability) < 1e-99 THEN 0 ELSE n.danceability END,
        TRY_CONVERT(int, t.duration_ms),
        CASE WHEN ABS(n.energy) < 1e-99 THEN 0 ELSE n.energy END,
        CASE WHEN ABS(n.instrumentalness) < 1e-99 THEN 0 ELSE n.instrumentalness END,
        NULLIF(t.[key], N''),
        CASE WHEN ABS(n.liveness) < 1e-99 THEN 0 ELSE n.liveness END,
        CASE WHEN ABS(n.loudness) < 1e-99 THEN 0 ELSE n.loudness END,
        NULLIF(t.mode, N''),
        CASE WHEN ABS(n.speechiness) < 1e-99 THEN 0 ELSE n.speechiness END,
        CASE WHEN ABS(n.tempo) < 1e-99 THEN 0 ELSE n.tempo END,
        -- Spreadsheets turn 4/4 into 4-Apr, and 1/4 into 1-Apr.
        CASE
            WHEN t.time_signature IN (N'4-Jan', N'04-Jan', N'1-Apr', N'01-Apr') THEN N'1/4'
            WHEN t.time_signature IN (N'4-Mar', N'04-Mar', N'3-Apr', N'03-Apr') THEN N'3/4'
            WHEN t.time_signature IN (N'4-Apr', N'04-Apr') THEN N'4/4'
            WHEN t.time_signature IN (N'4-May', N'04-May', N'5-Apr', N'05-Apr') THEN N'5/4'
            ELSE NULLIF(t.time_signature, N'')
        END,
        CASE WHEN ABS(n.valence) < 1e-99 THEN 0 ELSE n.valence END
    FROM #text AS t
    JOIN #word AS w ON w.word = t.genre
    CROSS APPLY (VALUES (
        TRY_CONVERT(float, NULLIF(t.acousticness, N'')),
        TRY_CONVERT(float, NULLIF(t.danceability, N'')),
        TRY_CONVERT(float, NULLIF(t.energy, N'')),
        TRY_CONVERT(float, NULLIF(t.instrumentalness, N'')),
        TRY_CONVERT(float, NULLIF(t.liveness, N'')),
        TRY_CONVERT(float, NULLIF(t.loudness, N'')),
        TRY_CONVERT(float, NULLIF(t.speechiness, N'')),
        TRY_CONVERT(float, NULLIF(t.tempo, N'')),
        TRY_CONVERT(float, NULLIF(t.valence, N''))
    )) AS n (acousticness, danceability, energy, instrumentalness, liveness, loudness, speechiness,
        tempo, valence)
    WHERE NOT EXISTS (SELECT 1 FROM #fault AS f WHERE f.arrival = t.arrival);

    INSERT INTO #fault
    SELECT arrival, 19, N'record: duplicate of an earlier line' FROM (
        SELECT arrival, ROW_NUMBER() OVER (PARTITION BY folded, track_id ORDER BY arrival) AS place
        FROM #record
    ) AS ranked WHERE place > 1;
    DECLARE @duplicates bigint = @@ROWCOUNT;
    DELETE FROM #record WHERE arrival IN (SELECT arrival FROM #fault WHERE place = 19);

    -- Lines that the CLI has rejected under this run, and those of an earlier attempt, stay.
    INSERT INTO spotify.features_rejected (run_id, line, reason, raw)
    -- CONCAT_WS leaves out what is NULL: a record that was too short stays too short.
    SELECT @run_id, t.line, f.reason, CONCAT(CAST(N'"' AS nvarchar(max)), CONCAT_WS(
        CAST(N'","' AS nvarchar(max)),
        REPLACE(s.genre, N'"', N'""'), REPLACE(s.artist_name, N'"', N'""'),
        REPLACE(s.track_name, N'"', N'""'), REPLACE(s.track_id, N'"', N'""'),
        REPLACE(s.popularity, N'"', N'""'), REPLACE(s.acousticness, N'"', N'""'),
        REPLACE(s.danceability, N'"', N'""'), REPLACE(s.duration_ms, N'"', N'""'),
        REPLACE(s.energy, N'"', N'""'), REPLACE(s.instrumentalness, N'"', N'""'),
        REPLACE(s.[key], N'"', N'""'), REPLACE(s.liveness, N'"', N'""'),
        REPLACE(s.loudness, N'"', N'""'), REPLACE(s.mode, N'"', N'""'),
        REPLACE(s.speechiness, N'"', N'""'), REPLACE(s.tempo, N'"', N'""'),
        REPLACE(s.time_signature, N'"', N'""'), REPLACE(s.valence, N'"', N'""')), N'"')
    FROM (
        SELECT arrival, reason, ROW_NUMBER() OVER (PARTITION BY arrival ORDER BY place) AS rank
        FROM #fault
    ) AS f
    JOIN #text AS t ON t.arrival = f.arrival
    JOIN spotify.features_staging AS s ON s.arrival = t.staged_as
    WHERE f.rank = 1 AND NOT EXISTS (
        SELECT 1 FROM spotify.features_rejected AS r WHERE r.run_id = @run_id AND r.line = t.line
    );

    DECLARE @good bigint = (SELECT COUNT(*) FROM #record);
    IF @good = 0
    BEGIN
        SET @message = CONCAT(N'None of the ', @rows, N' staged rows can be stored: see '
            + N'spotify.features_rejected, run_id ', @run_id, N'.');
        THROW 50005, @message, 1;
    END;
    IF 100.0 * (@rows - @good) > @max_rejected_percent * @rows
    BEGIN
        SET @message = CONCAT(N'Of ', @rows, N' staged rows only ', @good,
            N' can be stored: see spotify.features_rejected, run_id ', @run_id, N'.');
        THROW 50001, @message, 1;
    END;

    CREATE TABLE #raised (
        scope nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY
    );
    DECLARE @inserted bigint, @updated bigint;
    EXEC spotify.merge_features @features_limit, @inserted OUTPUT, @updated OUTPUT;
    DELETE FROM spotify.features_staging WHERE run_id = @run_id;

    SELECT @inserted AS inserted, @updated AS updated, @good - @inserted - @updated AS unchanged,
        @rows - @good AS rejected, @duplicates AS duplicates;
    SELECT v.scope, v.version FROM spotify.cache_version AS v JOIN #raised AS r ON r.scope = v.scope;
END
