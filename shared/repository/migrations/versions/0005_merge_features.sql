-- Stores the rows of #record in one transaction, and collects in #raised the lists that changed.
-- Tries again when a POST committed first: it inserted one of the records, or created a genre. After
-- three such attempts, POSTs wait for the end of the next one.
CREATE PROCEDURE spotify.merge_features
    @features_limit bigint,
    @inserted bigint OUTPUT,
    @updated bigint OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET DEADLOCK_PRIORITY HIGH;
    DECLARE @attempt int = 1, @granted int, @last bigint, @first bigint, @error int, @now bigint,
        @counted bigint, @counted_to bigint, @more bigint, @last_new bigint;
    CREATE TABLE #genre (
        -- 600 bytes: a clustered key may have 900.
        folded nvarchar(300) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
        scope nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL
    );
    CREATE TABLE #change (
        arrival bigint NOT NULL PRIMARY KEY,
        id bigint NOT NULL,
        scope nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
        differs int NOT NULL
    );
    WHILE @attempt > 0
    BEGIN
        BEGIN TRY
            BEGIN TRANSACTION;
            EXEC @granted = sp_getapplock @Resource = 'spotify.load_features',
                @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 60000;
            IF @granted = -1 THROW 50002, N'Another load goes on.', 1;
            IF @granted < 0 THROW 50004, N'The load got no lock.', 1;
            IF @attempt > 3 SELECT TOP (1) @last = id FROM spotify.features WITH (TABLOCKX, HOLDLOCK);

            -- The stored spelling of a genre, else that of the first record that is staged.
            DELETE FROM #genre;
            INSERT INTO #genre
            SELECT r.folded, r.genre FROM #record AS r JOIN (
                SELECT folded, MIN(arrival) AS arrival FROM #record GROUP BY folded
            ) AS f ON f.arrival = r.arrival;
            UPDATE g SET scope = v.scope FROM #genre AS g
            JOIN spotify.cache_version AS v ON v.folded = g.folded;

            DELETE FROM #change;
            INSERT INTO #change
            SELECT r.arrival, f.id, g.scope, CASE WHEN
                f.artist_name <> r.artist_name OR f.track_name <> r.track_name
                OR f.popularity <> r.popularity OR f.duration_ms <> r.duration_ms
                OR ISNULL(f.acousticness, 999) <> ISNULL(r.acousticness, 999)
                OR ISNULL(f.danceability, 999) <> ISNULL(r.danceability, 999)
                OR ISNULL(f.energy, 999) <> ISNULL(r.energy, 999)
                OR ISNULL(f.instrumentalness, 999) <> ISNULL(r.instrumentalness, 999)
                OR ISNULL(f.[key], N'') <> ISNULL(r.[key], N'')
                OR ISNULL(f.liveness, 999) <> ISNULL(r.liveness, 999)
                OR ISNULL(f.loudness, 999) <> ISNULL(r.loudness, 999)
                OR ISNULL(f.mode, N'') <> ISNULL(r.mode, N'')
                OR ISNULL(f.speechiness, 999) <> ISNULL(r.speechiness, 999)
                OR ISNULL(f.tempo, 999) <> ISNULL(r.tempo, 999)
                OR ISNULL(f.time_signature, N'') <> ISNULL(r.time_signature, N'')
                OR ISNULL(f.valence, 999) <> ISNULL(r.valence, 999)
                THEN 1 ELSE 0 END
            FROM #record AS r
            JOIN #genre AS g ON g.folded = r.folded
            JOIN spotify.features AS f ON f.genre = g.scope AND f.track_id = r.track_id;

            UPDATE f SET artist_name = r.artist_name, track_name = r.track_name,
                popularity = r.popularity, acousticness = r.acousticness,
                danceability = r.danceability, duration_ms = r.duration_ms, energy = r.energy,
                instrumentalness = r.instrumentalness, [key] = r.[key], liveness = r.liveness,
                loudness = r.loudness, mode = r.mode, speechiness = r.speechiness,
                tempo = r.tempo, time_signature = r.time_signature, valence = r.valence
            FROM spotify.features AS f
            JOIN #change AS c ON c.id = f.id AND c.differs = 1
            JOIN #record AS r ON r.arrival = c.arrival;
            SET @updated = @@ROWCOUNT;

            SET @last = ISNULL((SELECT MAX(id) FROM spotify.features), 0);
            INSERT INTO spotify.features (genre, artist_name, track_name, track_id, popularity,
                acousticness, danceability, duration_ms, energy, instrumentalness, [key], liveness,
                loudness, mode, speechiness, tempo, time_signature, valence)
            SELECT g.scope, r.artist_name, r.track_name, r.track_id, r.popularity,
                r.acousticness, r.danceability, r.duration_ms, r.energy, r.instrumentalness,
                r.[key], r.liveness, r.loudness, r.mode, r.speechiness, r.tempo,
                r.time_signature, r.valence
            FROM #record AS r JOIN #genre AS g ON g.folded = r.folded
            WHERE NOT EXISTS (SELECT 1 FROM #change AS c WHERE c.arrival = r.arrival)
            ORDER BY r.arrival;
            SET @inserted = @@ROWCOUNT;

            DELETE FROM #raised;
            INSERT INTO #raised
            SELECT scope FROM #change WHERE differs = 1
            UNION
            SELECT g.scope FROM #record AS r JOIN #genre AS g ON g.folded = r.folded
            WHERE NOT EXISTS (SELECT 1 FROM #change AS c WHERE c.arrival = r.arrival);

            -- The list of all changes if the first record that changes is among its records. Without
            -- IS NOT NULL the server would send a warning, as a result of its own.
            SET @first = (SELECT MIN(id) FROM (
                SELECT id FROM #change WHERE differs = 1
                UNION ALL
                SELECT MIN(id) FROM spotify.features WHERE id > @last
            ) AS touched WHERE id IS NOT NULL);
            IF EXISTS (SELECT 1 FROM #raised) AND @features_limit > (
                SELECT COUNT(*) FROM (
                    SELECT TOP (@features_limit) id FROM spotify.features
                    WHERE id < @first ORDER BY id
                ) AS earlier)
                INSERT INTO #raised VALUES (N'all');

            -- What is new is counted, so that no POST has to do it (docs/protocol.md, rule 33). It is
            -- stored at the end, and as it was computed: an UPDATE that had to wait for another one
            -- would add to a number that it has not counted from.
            SELECT @counted = records, @counted_to = last_id FROM spotify.features_counted;
            SELECT @more = COUNT(*), @last_new = MAX(id) FROM spotify.features
            WHERE id > @counted_to;

            -- One reading of the clock for all versions (docs/protocol.md, rule 2). Every writer raises
            -- the genres first, then the list of all: no two deadlock.
            SET @now = DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME());
            INSERT INTO spotify.cache_version (scope, folded, version)
            SELECT g.scope, g.folded, @now - 1 FROM #genre AS g
            WHERE NOT EXISTS (SELECT 1 FROM spotify.cache_version AS v WHERE v.scope = g.scope);
            UPDATE v SET version = CASE WHEN v.version < @now THEN @now ELSE v.version + 1 END
            FROM spotify.cache_version AS v JOIN #raised AS r ON r.scope = v.scope
            WHERE v.scope <> N'all';
            UPDATE v SET version = CASE WHEN v.version < @now THEN @now ELSE v.version + 1 END
            FROM spotify.cache_version AS v JOIN #raised AS r ON r.scope = v.scope
            WHERE v.scope = N'all';
            UPDATE spotify.features_counted SET records = @counted + @more, last_id = @last_new
            WHERE last_id < @last_new;
            COMMIT TRANSACTION;
            SET @attempt = 0;
        END TRY
        BEGIN CATCH
            SET @error = ERROR_NUMBER();
            IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
            -- 2601 and 2627: the key is there; 1205 and 50004: the victim of a deadlock.
            IF @error NOT IN (2601, 2627, 1205, 50004) THROW;
            IF @attempt >= 5
                THROW 50006, N'Other writers came first five times; load the file again.', 1;
            SET @attempt = @attempt + 1;
        END CATCH;
    END;
END
