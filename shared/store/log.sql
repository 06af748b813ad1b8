-- The log: append-only, gapless per municipality, every entry a leaf of an RFC 6962 tree.
-- Runs as the owner of the database; safe to run again.

create schema if not exists store;

create table if not exists store.head (
    municipality text primary key,
    size         bigint      not null default 0,
    recorded_at  timestamptz not null default '-infinity',
    range        bytea[]     not null default '{}'  -- roots of the perfect subtrees, largest first
);

create table if not exists store.log (
    municipality text        not null,
    position     bigint      not null,
    stream       text        not null,
    version      integer     not null,
    event_id     text        not null,
    project      text        not null,
    type         text        not null,
    form         smallint    not null,
    body         bytea       not null,  -- SHA-256 of the body, which lies apart
    sealed       bytea       not null,  -- SHA-256 of the sealed part, empty where there is none
    actor        text        not null,
    on_behalf_of text        not null,
    cause        text        not null,
    correlation  text        not null,
    recorded_at  timestamptz not null,
    leaf         bytea       not null,
    primary key (municipality, position),
    unique (municipality, stream, version),
    unique (municipality, event_id),
    -- The leaf is joined from these texts without escaping: printable ASCII without quote and backslash.
    check ((municipality || stream || event_id || project || type || actor || on_behalf_of || cause || correlation)
           ~ '^[ !#-\[\]-~]*$')
);
create index if not exists log_project on store.log (municipality, project, position) where project <> '';

create table if not exists store.bodies (
    municipality text   not null,
    position     bigint not null,
    bytes        bytea,  -- null once redacted
    sealed       bytea,
    primary key (municipality, position)
);

create table if not exists store.commands (
    municipality text      not null,
    actor        text      not null,
    command_id   text      not null,
    digest       bytea     not null,
    position     bigint    not null,
    versions     integer[] not null,
    primary key (municipality, actor, command_id)
);

-- Nobody changes what is written, the owner neither.
create or replace function store.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % on % refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;

do $$
declare t text;
begin
    foreach t in array array['log', 'commands'] loop
        execute format('create or replace trigger %I_rows before update or delete on store.%I '
                       'for each row execute function store.refuse()', t, t);
        execute format('create or replace trigger %I_all before truncate on store.%I '
                       'for each statement execute function store.refuse()', t, t);
        execute format('alter table store.%I enable always trigger %I', t, t || '_rows');
        execute format('alter table store.%I enable always trigger %I', t, t || '_all');
    end loop;
    execute 'create or replace trigger bodies_rows before update or delete on store.bodies '
            'for each row execute function store.refuse()';
    execute 'create or replace trigger bodies_all before truncate on store.bodies '
            'for each statement execute function store.refuse()';
    execute 'alter table store.bodies enable always trigger bodies_rows';
    execute 'alter table store.bodies enable always trigger bodies_all';
    foreach t in array array['head', 'log', 'bodies', 'commands'] loop
        execute format('alter table store.%I enable row level security', t);
        execute format('alter table store.%I force row level security', t);
        execute format('drop policy if exists own on store.%I', t);
        execute format('create policy own on store.%I using '
                       '(municipality = nullif(current_setting(''app.municipality'', true), ''''))', t);
    end loop;
end $$;

-- What a decision needs, in one round trip: the first answer to a known command, else the histories of the streams.
create or replace function store.load(p_municipality text, p_streams text[], p_actor text, p_command text)
returns table (digest bytea, "position" bigint, versions integer[],
               owners integer[], types text[], forms smallint[], bodies bytea[])
language plpgsql as $$
begin
    perform set_config('app.municipality', p_municipality, true);
    select c.digest, c.position, c.versions into digest, "position", versions from store.commands c
        where c.municipality = p_municipality and c.actor = p_actor and c.command_id = p_command;
    if not found then
        select array_agg(e.owner), array_agg(e.type), array_agg(e.form), array_agg(e.bytes)
            into owners, types, forms, bodies
            from (select s.owner::integer as owner, l.type, l.form,
                         (select b.bytes from store.bodies b
                           where b.municipality = p_municipality and b.position = l.position) as bytes
                    from unnest(p_streams) with ordinality as s(stream, owner),
                         lateral (select l.type, l.form, l.position, l.version from store.log l
                                   where l.municipality = p_municipality and l.stream = s.stream
                                   order by l.version) l
                   order by s.owner, l.version) e;
    end if;
    return next;
end $$;

-- Appends all or nothing. status: 0 appended, 1 known command, 2 somebody was faster, 3 command id used for something else.
create or replace function store.append(
    p_municipality text, p_actor text, p_command text, p_digest bytea, p_on_behalf_of text, p_cause text,
    p_correlation text, p_streams text[], p_expected integer[], p_owners integer[], p_event_ids text[],
    p_projects text[], p_types text[], p_forms smallint[], p_bodies bytea[], p_sealed bytea[])
returns table (status smallint, "position" bigint, versions integer[])
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
    v_head    store.head%rowtype;
    known     store.commands%rowtype;
    at_text   text;
    present   integer;
    v_versions integer[] := p_expected;
    v_body    bytea;
    v_seal    bytea;
    v_leaf    bytea;
    v_size    bigint;
    ones      bigint;
    v_owner   integer;
begin
    perform set_config('app.municipality', p_municipality, true);
    -- The head row first: nothing learnt before this lock counts.
    select * into v_head from store.head h where h.municipality = p_municipality for update;
    if not found then
        insert into store.head (municipality) values (p_municipality) on conflict do nothing;
        select * into v_head from store.head h where h.municipality = p_municipality for update;
    end if;
    select * into known from store.commands c
        where c.municipality = p_municipality and c.actor = p_actor and c.command_id = p_command;
    if found then
        return query select (case when known.digest = p_digest then 1 else 3 end)::smallint, known.position, known.versions;
        return;
    end if;
    for i in 1 .. cardinality(p_streams) loop
        select coalesce(max(l.version), 0) into present from store.log l
            where l.municipality = p_municipality and l.stream = p_streams[i];
        v_versions[i] := present;
    end loop;
    if v_versions <> p_expected then
        return query select 2::smallint, v_head.size, v_versions;
        return;
    end if;
    v_head.recorded_at := greatest(clock_timestamp(), v_head.recorded_at);
    at_text := to_char(v_head.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    v_size := v_head.size;
    for i in 1 .. cardinality(p_types) loop
        v_owner := p_owners[i];
        v_versions[v_owner] := v_versions[v_owner] + 1;
        v_body := sha256(p_bodies[i]);
        v_seal := coalesce(sha256(p_sealed[i]), '');
        v_leaf := sha256('\x00'::bytea || convert_to(
            '{"actor":"' || p_actor || '","body":"' || encode(v_body, 'hex') || '","cause":"' || p_cause
            || '","correlation":"' || p_correlation || '","event_id":"' || p_event_ids[i]
            || '","form":' || p_forms[i] || ',"municipality":"' || p_municipality
            || '","on_behalf_of":"' || p_on_behalf_of || '","position":' || (v_size + 1)
            || ',"project":"' || p_projects[i] || '","recorded_at":"' || at_text
            || '","sealed":"' || encode(v_seal, 'hex') || '","stream":"' || p_streams[v_owner]
            || '","type":"' || p_types[i] || '","version":' || v_versions[v_owner] || '}', 'UTF8'));
        insert into store.log values (
            p_municipality, v_size + 1, p_streams[v_owner], v_versions[v_owner], p_event_ids[i], p_projects[i],
            p_types[i], p_forms[i], v_body, v_seal, p_actor, p_on_behalf_of, p_cause, p_correlation, v_head.recorded_at, v_leaf);
        insert into store.bodies values (p_municipality, v_size + 1, p_bodies[i], p_sealed[i]);
        ones := v_size;  -- a subtree is full for every trailing 1 of the size
        while ones & 1 = 1 loop
            v_leaf := sha256('\x01'::bytea || v_head.range[cardinality(v_head.range)] || v_leaf);
            v_head.range := v_head.range[1 : cardinality(v_head.range) - 1];
            ones := ones >> 1;
        end loop;
        v_head.range := v_head.range || v_leaf;
        v_size := v_size + 1;
    end loop;
    insert into store.commands values (p_municipality, p_actor, p_command, p_digest, v_size, v_versions);
    if v_size > v_head.size then
        update store.head set size = v_size, recorded_at = v_head.recorded_at, range = v_head.range
            where municipality = p_municipality;
    end if;
    return query select 0::smallint, v_size, v_versions;
end $$;

-- Entries in order: the whole log after a position, of one stream, or of one project. The page first, then its bodies.
create or replace function store.entries(p_municipality text, p_after bigint, p_limit integer,
                                         p_stream text default null, p_project text default null)
returns table ("position" bigint, stream text, version integer, event_id text, project text, type text, form smallint,
               bytes bytea, sealed bytea, body bytea, actor text, on_behalf_of text, cause text, correlation text,
               recorded_at timestamptz, leaf bytea, seal bytea)
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('app.municipality', p_municipality, true);
    if p_stream is not null then
        return query select l.position, l.stream, l.version, l.event_id, l.project, l.type, l.form, b.bytes, b.sealed,
               l.body, l.actor, l.on_behalf_of, l.cause, l.correlation, l.recorded_at, l.leaf, l.sealed
          from (select * from store.log l
                 where l.municipality = p_municipality and l.stream = p_stream and l.version > p_after
                 order by l.version limit p_limit) l,
               lateral (select * from store.bodies b
                         where b.municipality = p_municipality and b.position = l.position limit 1) b
         order by l.version;
    elsif p_project is not null then
        return query select l.position, l.stream, l.version, l.event_id, l.project, l.type, l.form, b.bytes, b.sealed,
               l.body, l.actor, l.on_behalf_of, l.cause, l.correlation, l.recorded_at, l.leaf, l.sealed
          from (select * from store.log l
                 where l.municipality = p_municipality and l.project = p_project and l.project <> ''
                   and l.position > p_after
                 order by l.position limit p_limit) l,
               lateral (select * from store.bodies b
                         where b.municipality = p_municipality and b.position = l.position limit 1) b
         order by l.position;
    else
        return query select l.position, l.stream, l.version, l.event_id, l.project, l.type, l.form, b.bytes, b.sealed,
               l.body, l.actor, l.on_behalf_of, l.cause, l.correlation, l.recorded_at, l.leaf, l.sealed
          from (select * from store.log l
                 where l.municipality = p_municipality and l.position > p_after
                 order by l.position limit p_limit) l,
               lateral (select * from store.bodies b
                         where b.municipality = p_municipality and b.position = l.position limit 1) b
         order by l.position;
    end if;
end $$;

create or replace function store.head_of(p_municipality text)
returns table (size bigint, range bytea[], recorded_at timestamptz) language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('app.municipality', p_municipality, true);
    return query select h.size, h.range, h.recorded_at from store.head h where h.municipality = p_municipality;
end $$;

-- The leaves after a position, in order and in one piece: 32 bytes each.
create or replace function store.leaves(p_municipality text, p_after bigint, p_limit integer) returns bytea
language plpgsql as $$
begin
    perform set_config('app.municipality', p_municipality, true);
    return (select coalesce(string_agg(l.leaf, '' order by l.position), '')
              from (select l.leaf, l.position from store.log l
                     where l.municipality = p_municipality and l.position > p_after
                     order by l.position limit p_limit) l);
end $$;
