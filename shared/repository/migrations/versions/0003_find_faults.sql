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
    -- T-SQL has no NFC. Refused in a genre: marks, which may compose or stay; the characters that
    -- NFC replaces; and the pairs of other characters that compose (UnicodeData.txt, field 5).
    DECLARE @range TABLE (first int NOT NULL, last int NOT NULL);
    INSERT INTO @range VALUES
        (768, 879), (884, 884), (894, 894), (903, 903), (2392, 2399), (2524, 2525),
        (2527, 2527), (2611, 2611), (2614, 2614), (2649, 2651), (2654, 2654), (2908, 2909),
        (3907, 3907), (3917, 3917), (3922, 3922), (3927, 3927), (3932, 3932), (3945, 3945),
        (3955, 3955), (3957, 3958), (3960, 3960), (3969, 3969), (3987, 3987), (3997, 3997),
        (4002, 4002), (4007, 4007), (4012, 4012), (4025, 4025), (4449, 4607), (6832, 6911),
        (7616, 7679), (8049, 8049), (8051, 8051), (8053, 8053), (8055, 8055), (8057, 8057),
        (8059, 8059), (8061, 8061), (8123, 8123), (8126, 8126), (8137, 8137), (8139, 8139),
        (8147, 8147), (8155, 8155), (8163, 8163), (8171, 8171), (8174, 8175), (8185, 8185),
        (8187, 8187), (8189, 8189), (8192, 8193), (8400, 8447), (8486, 8486), (8490, 8491),
        (9001, 9002), (10972, 10972), (12441, 12442), (63744, 64013), (64016, 64016),
        (64018, 64018), (64021, 64030), (64032, 64032), (64034, 64034), (64037, 64038),
        (64042, 64109), (64112, 64217), (64285, 64285), (64287, 64287), (64298, 64310),
        (64312, 64316), (64318, 64318), (64320, 64321), (64323, 64324), (64326, 64334),
        (65056, 65071);
    DECLARE @not_nfc nvarchar(4000) = N'';
    SET @code = 768;
    WHILE @code IS NOT NULL
    BEGIN
        SET @not_nfc = @not_nfc + NCHAR(@code);
        SET @code = (SELECT MIN(CASE WHEN first > @code THEN first ELSE @code + 1 END)
            FROM @range WHERE last > @code);
    END;
    DECLARE @pair TABLE (first int NOT NULL, second int NOT NULL);
    INSERT INTO @pair VALUES
        (1575, 1619), (1575, 1620), (1608, 1620), (1575, 1621), (1610, 1620), (1749, 1620),
        (1729, 1620), (1746, 1620), (2344, 2364), (2352, 2364), (2355, 2364), (2503, 2494),
        (2503, 2519), (2887, 2902), (2887, 2878), (2887, 2903), (2962, 3031), (3014, 3006),
        (3015, 3006), (3014, 3031), (3142, 3158), (3263, 3285), (3270, 3285), (3270, 3286),
        (3270, 3266), (3274, 3285), (3398, 3390), (3399, 3390), (3398, 3415), (3545, 3530),
        (3545, 3535), (3548, 3530), (3545, 3551), (4133, 4142), (6917, 6965), (6919, 6965),
        (6921, 6965), (6923, 6965), (6925, 6965), (6929, 6965), (6970, 6965), (6972, 6965),
        (6974, 6965), (6975, 6965), (6978, 6965);
    -- A text holds one of them if it changes when they are replaced. (Ranges in LIKE would say it
    -- shorter, but not every server compares them code by code.)
    DECLARE @no_control nvarchar(100) = REPLICATE(N'?', LEN(@control)),
        @nfc nvarchar(4000) = REPLICATE(N'?', LEN(@not_nfc)),
        @digit nvarchar(62) = N'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

    -- A record that was too short has NULL in the columns that it lacks.
    INSERT INTO #fault
    SELECT arrival, 0, N'record: wrong number of fields' FROM #text
    WHERE genre IS NULL OR artist_name IS NULL OR track_name IS NULL OR track_id IS NULL
        OR popularity IS NULL OR acousticness IS NULL OR danceability IS NULL
        OR duration_ms IS NULL OR energy IS NULL OR instrumentalness IS NULL OR [key] IS NULL
        OR liveness IS NULL OR loudness IS NULL OR mode IS NULL OR speechiness IS NULL
        OR tempo IS NULL OR time_signature IS NULL OR valence IS NULL;

    INSERT INTO #fault
    SELECT t.arrival, 1, N'genre: ' + g.fault FROM #text AS t JOIN (
        SELECT genre, CASE
            WHEN TRANSLATE(genre, @not_nfc, @nfc) <> genre OR EXISTS (
                SELECT 1 FROM @pair WHERE CHARINDEX(NCHAR(first) + NCHAR(second), genre) > 0)
                THEN N'must not contain what Unicode''s NFC may change'
            WHEN genre = N'' THEN N'must not be empty'
            WHEN LEN(genre) > 100 THEN N'must have at most 100 characters'
            WHEN LOWER(genre COLLATE Latin1_General_CI_AS) = N'all'
                THEN N'must not be ''all'', which names the list of all genres'
            WHEN genre LIKE N'%{%' OR genre LIKE N'%}%' THEN N'must not contain ''{'' or ''}'''
            WHEN TRANSLATE(genre, @control, @no_control) <> genre OR CHARINDEX(NCHAR(0), genre) > 0
                THEN N'must not contain control characters'
        END AS fault
        FROM (SELECT DISTINCT genre FROM #text) AS names
    ) AS g ON g.genre = t.genre
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
