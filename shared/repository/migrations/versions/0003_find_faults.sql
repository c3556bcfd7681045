-- Collects in #fault what is wrong with the rows of #text: the row's arrival, the column's place in
-- the data set, and the reason, in the words of shared/tracks/rejected.py.
CREATE PROCEDURE spotify.find_faults
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @code int, @control nvarchar(100) = N'';
    SET @code = 1;
    WHILE @code < 160
    BEGIN
        SET @control = @control + NCHAR(@code);
        SET @code = CASE @code WHEN 31 THEN 127 ELSE @code + 1 END;
    END;
    -- A text holds one of them if it changes when they are replaced. (Ranges in LIKE would say it
    -- shorter, but not every server compares them code by code.)
    DECLARE @no_control nvarchar(100) = REPLICATE(N'?', LEN(@control)),
        @digit nvarchar(62) = N'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

    -- A record that was too short has NULL in the columns that it lacks.
    INSERT INTO #fault
    SELECT arrival, 0, N'record: wrong number of fields' FROM #text
    WHERE genre IS NULL OR artist_name IS NULL OR track_name IS NULL OR track_id IS NULL
        OR popularity IS NULL OR acousticness IS NULL OR danceability IS NULL
        OR duration_ms IS NULL OR energy IS NULL OR instrumentalness IS NULL OR [key] IS NULL
        OR liveness IS NULL OR loudness IS NULL OR mode IS NULL OR speechiness IS NULL
        OR tempo IS NULL OR time_signature IS NULL OR valence IS NULL;

    -- Genres, and those artists and titles that may show nothing, are read letter by letter.
    INSERT INTO #word (word)
    SELECT genre FROM #text WHERE genre IS NOT NULL
    UNION SELECT artist_name FROM #text WHERE UNICODE(artist_name) > 127
    UNION SELECT track_name FROM #text WHERE UNICODE(track_name) > 127;
    EXEC spotify.read_words;

    INSERT INTO #fault
    SELECT t.arrival, 1, N'genre: ' + g.fault FROM #text AS t JOIN (
        SELECT word, CASE
            WHEN fault = 1 THEN N'must not contain what Unicode''s NFC may change'
            WHEN word = N'' THEN N'must not be empty'
            WHEN units > 100 THEN N'must have at most 100 characters'
            WHEN folded = N'all' THEN N'must not be ''all'', which names the list of all genres'
            WHEN word LIKE N'%{%' OR word LIKE N'%}%' THEN N'must not contain ''{'' or ''}'''
            WHEN fault = 2 THEN N'must not contain control characters'
            WHEN fault = 3 THEN N'must not contain invisible characters'
            WHEN fault = 4 THEN N'must not contain unassigned or private-use characters'
        END AS fault
        FROM #word
    ) AS g ON g.word = t.genre
    WHERE g.fault IS NOT NULL;

    INSERT INTO #fault
    SELECT arrival, place, name + N': ' + fault FROM (
        SELECT t.arrival, c.place, c.name, CASE
            WHEN c.value = N'' THEN N'must not be empty'
            WHEN LEN(c.value) > c.longest
                THEN CONCAT(N'must have at most ', c.longest, N' characters')
            WHEN TRANSLATE(c.value, @control, @no_control) <> c.value
                OR CHARINDEX(NCHAR(0), c.value) > 0
                THEN N'must not contain control characters'
            WHEN UNICODE(c.value) > 127 AND EXISTS (
                SELECT 1 FROM #word AS w WHERE w.word = c.value AND w.is_visible = 0)
                THEN N'must have a visible character'
        END AS fault
        FROM #text AS t CROSS APPLY (VALUES
            (2, N'artist_name', t.artist_name, 500),
            (3, N'track_name', t.track_name, 1000)
        ) AS c (place, name, value, longest)
    ) AS checked WHERE fault IS NOT NULL;

    INSERT INTO #fault
    SELECT arrival, 4, N'track_id: must be 22 letters and digits' FROM #text
    WHERE LEN(track_id) <> 22
        OR TRANSLATE(track_id, @digit, REPLICATE(N'0', LEN(@digit))) <> REPLICATE(N'0', 22);

    INSERT INTO #fault
    SELECT t.arrival, c.place, c.name + N': unknown value'
    FROM #text AS t CROSS APPLY (VALUES
        (11, N'key', CASE WHEN t.[key] IN (N'', N'C', N'C#', N'D', N'D#', N'E', N'F', N'F#', N'G',
            N'G#', N'A', N'A#', N'B') THEN 1 END),
        (14, N'mode', CASE WHEN t.mode IN (N'', N'Major', N'Minor') THEN 1 END),
        (17, N'time_signature', CASE WHEN t.time_signature IN (N'', N'0/4', N'1/4', N'3/4', N'4/4',
            N'5/4', N'4-Jan', N'04-Jan', N'1-Apr', N'01-Apr', N'4-Mar', N'04-Mar', N'3-Apr',
            N'03-Apr', N'4-Apr', N'04-Apr', N'4-May', N'04-May', N'5-Apr', N'05-Apr') THEN 1 END)
    ) AS c (place, name, known) WHERE c.known IS NULL;

    -- A number's shape is its text with every run of digits as one 0: no number has another shape,
    -- and TRY_CONVERT alone takes more than numbers (`1e`, `.5`, `+1`, `1d0`).
    INSERT INTO #fault
    SELECT arrival, place, name + N': ' + fault FROM (
        SELECT s.arrival, s.place, s.name, CASE
            WHEN s.value = N'' THEN CASE WHEN s.whole = 1 THEN N'must not be empty' END
            WHEN LEN(s.value) > 30 OR s.zeros LIKE N'%E%000'
                OR REPLACE(REPLACE(REPLACE(s.zeros, N'0', N'<>'), N'><', N''), N'<>', N'0') NOT IN
                    (N'0', N'-0', N'0.0', N'-0.0', N'0E0', N'-0E0', N'0.0E0', N'-0.0E0', N'0E-0',
                    N'-0E-0', N'0.0E-0', N'-0.0E-0', N'0E+0', N'-0E+0', N'0.0E+0', N'-0.0E+0')
                OR (s.whole = 1 AND (s.zeros LIKE N'%E%' OR s.zeros LIKE N'%.%'))
                OR TRY_CONVERT(float, s.value) IS NULL
                THEN CASE WHEN s.whole = 1 THEN N'not a whole number' ELSE N'not a number' END
            WHEN TRY_CONVERT(float, s.value) NOT BETWEEN s.low AND s.high THEN N'out of range'
        END AS fault
        FROM (
            SELECT t.arrival, c.place, c.name, c.value, c.whole, c.low, c.high,
                TRANSLATE(c.value, N'123456789e', N'000000000E') AS zeros
            FROM #text AS t CROSS APPLY (VALUES
                (5, N'popularity', t.popularity, 1, 0, 100),
                (6, N'acousticness', t.acousticness, 0, 0, 1),
                (7, N'danceability', t.danceability, 0, 0, 1),
                (8, N'duration_ms', t.duration_ms, 1, 1, 2147483647),
                (9, N'energy', t.energy, 0, 0, 1),
                (10, N'instrumentalness', t.instrumentalness, 0, 0, 1),
                (12, N'liveness', t.liveness, 0, 0, 1),
                (13, N'loudness', t.loudness, 0, -100, 20),
                (15, N'speechiness', t.speechiness, 0, 0, 1),
                (16, N'tempo', t.tempo, 0, 0, 500),
                (18, N'valence', t.valence, 0, 0, 1)
            ) AS c (place, name, value, whole, low, high)
        ) AS s
    ) AS checked WHERE fault IS NOT NULL;
END
