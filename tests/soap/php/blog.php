<?php
// What is asked of the blog: a name, a call and what comes.

declare(strict_types=1);

const BREAD = '01920000-0001-7000-8000-000000000001';
const UNKNOWN = '01920000-0001-7000-8000-00000000ffff';
const MANY = 1000;

function slugs(object $page): array
{
    return array_map(fn ($post) => $post->slug, $page->Post);
}

function written(SoapClient $by, string $slug): bool
{
    $made = $by->CreatePost(['input' => ['title' => 'By Wren', 'slug' => $slug, 'body' => 'x']])->Post;
    return $made->author_id === told('WREN_ID');
}

function sign_in(Site $s): object
{
    return $s->anyone->SignIn(['email' => told('WREN_EMAIL'), 'password' => told('WREN_PASSWORD')]);
}

function wren(Site $s): SoapClient
{
    return $s->token(told('WREN_EMAIL'), told('WREN_PASSWORD'));
}

/** How a draft with these members is refused. */
function clash(Site $s, array $members): mixed
{
    return $s->refused($s->service, 'CreatePost', ['input' => $s->draft('clash', $members)]);
}

/** How a filter is refused that asks nothing. */
function forgotten(Site $s, array $filter): mixed
{
    return $s->refused($s->anyone, 'CountPosts', ['filter' => $filter]);
}

function pages(Site $s): array
{
    $found = [];
    $after = [];
    do {
        $page = $s->anyone->ListPosts($after + ['orderBy' => ['field' => 'slug'], 'first' => 8]);
        $found[] = slugs($page);
        $after = ['after' => $page->endCursor];
    } while ($page->hasNextPage);
    $all = array_merge(...$found);
    $sorted = $all;
    sort($sorted);
    return [array_map('count', $found), $all === $sorted];
}

function writes(Site $s): array
{
    $key = ['key' => ['slug' => $s->slug('made')]];
    $values = ['title' => WORDS, 'body' => SPACES, 'note' => 'Kept', 'published_at' => '2024-05-01T12:30:00+05:30'];
    $input = $s->draft('made', $values);
    $made = $s->service->CreatePost(['input' => $input])->Post;
    $changed = $s->service->UpdatePost($key + ['set' => ['title' => 'Other'], 'clear' => ['note']])->Post;
    $removed = $s->service->DeletePost($key)->Post;
    return [
        [$made->title, $made->body, $made->status, $made->note, $made->published_at],
        [$changed->title, $changed->body, isset($changed->note)],
        [$removed->id === $made->id, $s->refused($s->service, 'GetPost', $key)],
    ];
}

/** What a null in `set` leaves, with the usual document and with the one that declares nulls. */
function nulls(Site $s): array
{
    $key = ['key' => ['slug' => $s->slug('nulls')]];
    $s->service->CreatePost(['input' => $s->draft('nulls', ['note' => 'Kept'])]);
    $notes = array_map(
        fn ($client) => $client->UpdatePost($key + ['set' => ['note' => null]])->Post->note ?? null,
        [$s->service, $s->basic('&nil=true')],
    );
    $s->service->DeletePost($key);
    return $notes;
}

function bulk(Site $s): array
{
    $made = $s->service->CreatePosts(['input' => [$s->draft('one'), $s->draft('two')]]);
    $clash = ['input' => [$s->draft('three'), $s->draft('four', ['slug' => 'bread-that-waits'])]];
    $refused = $s->refused($s->service, 'CreatePosts', $clash);
    return [slugs($made) === [$s->slug('one'), $s->slug('two')], $made->count, $refused,
        $s->service->CountPosts(['filter' => ['slug' => ['eq' => $s->slug('three')]]])->count];
}

function thousand(Site $s): array
{
    $row = fn ($n) => ['slug' => sprintf('%s-%04d', $s->slug('many'), $n), 'name' => "{$s->name} $n 数"];
    $rows = array_map($row, range(0, MANY - 1));
    $made = $s->service->CreateTags(['input' => $rows]);
    $filter = ['slug' => ['startsWith' => $s->slug('many') . '-']];
    $page = $s->anyone->ListTags(['filter' => $filter, 'orderBy' => ['field' => 'slug'], 'first' => MANY]);
    $same = array_map(fn ($tag) => ['slug' => $tag->slug, 'name' => $tag->name], $page->Tag) === $rows;
    return [$made->count, $same, $page->hasNextPage];
}

/** A character that XML cannot carry, written over REST. */
function lossy(Site $s): array
{
    $body = json_encode($s->draft('lossy', ['title' => "bell\u{7}"]));
    $headers = ['apikey: ' . told('BLOG_SECRET'), 'content-type: application/json'];
    $context = stream_context_create(['http' => ['method' => 'POST', 'header' => $headers, 'content' => $body]]);
    file_get_contents(str_replace('/soap/', '/rest/', told('BLOG_URL')) . '/posts', false, $context);
    $post = $s->service->GetPost(['key' => ['slug' => $s->slug('lossy')]])->Post;
    return [$post->title, $post->lossy];
}

return [
    'a key by header' => [fn ($s) => $s->anyone->CountPosts()->count, 21],
    'a key by Basic' => [fn ($s) => $s->basic()->CountPosts()->count === $s->service->CountPosts()->count, true],
    'a key in a UsernameToken' => [fn ($s) => $s->token('apikey', told('BLOG_SECRET'))->CountPosts()->count > 24, true],
    'signing in' => [
        fn ($s) => [sign_in($s)->tokenType, sign_in($s)->expiresIn, sign_in($s)->expiresAt > time()], ['bearer', 3600, true],
    ],
    'a person by bearer' => [fn ($s) => written($s->bearer(sign_in($s)->accessToken), $s->slug('bearer')), true],
    'a person by UsernameToken' => [fn ($s) => written(wren($s), $s->slug('username')), true],
    'a relation and what it leads to' => [
        fn ($s) => array_map(
            fn ($p) => [$p->slug, $p->author->name, ...array_map(fn ($c) => $c->author->name, $p->comments)],
            $s->anyone->ListPosts([
                'filter' => ['status' => ['eq' => 'published'], 'tags' => ['some' => ['slug' => ['eq' => 'kitchen']]]],
                'orderBy' => ['field' => 'slug'], 'first' => 1, 'include' => ['author', 'comments.author'],
            ])->Post,
        ),
        [['bread-that-waits', 'Amara Okafor', 'Zoë Lindqvist', 'Jürgen Weiß', 'Amara Okafor', 'Nguyễn Minh Hương']],
    ],
    'or, in, not' => [
        fn ($s) => slugs($s->anyone->ListPosts(['filter' => [
            'or' => [['slug' => ['in' => ['bread-that-waits', 'pho-for-beginners']]], ['title' => ['like' => '%clock%']]],
            'not' => ['author' => ['handle' => ['eq' => 'huong']]],
        ], 'orderBy' => ['field' => 'slug']])),
        ['a-clock-that-ran-backwards', 'bread-that-waits'],
    ],
    'an order' => [
        fn ($s) => slugs($s->anyone->ListPosts([
            'orderBy' => [['field' => 'author.name', 'direction' => 'DESC'], ['field' => 'slug']], 'first' => 2,
        ])),
        ['letters-in-library-books', 'one-tree-three-hundred-mornings'],
    ],
    'pages' => [pages(...), [[8, 8, 5], true]],
    'a total' => [fn ($s) => $s->anyone->ListPosts(['first' => 2, 'withTotal' => true])->totalCount, 21],
    'search' => [fn ($s) => slugs($s->anyone->ListPosts(['search' => 'yeast'])), ['bread-that-waits']],
    'by id' => [fn ($s) => $s->anyone->GetPost(['key' => ['id' => BREAD]])->Post->published_at, '2024-10-05T06:30:00Z'],
    'by another key' => [fn ($s) => $s->anyone->GetUser(['key' => ['handle' => 'yoko']])->User->name, '山田 陽子'],
    'create, update, delete' => [writes(...), [
        [WORDS, SPACES, 'draft', 'Kept', '2024-05-01T07:00:00Z'], ['Other', SPACES, false], [true, ['NotFound', 'BIS-408']],
    ]],
    'a null in a change' => [nulls(...), ['Kept', null]],
    'create many, all or none' => [bulk(...), [true, 2, ['Conflict', '23505'], 0]],
    'a thousand rows' => [thousand(...), [MANY, true, false]],
    'lossy' => [lossy(...), ["bell\u{fffd}", true]],
    'nobody' => [fn ($s) => $s->refused($s->caller(), 'CountPosts'), 'Unauthorized'],
    'a value that is taken' => [fn ($s) => clash($s, ['slug' => 'bread-that-waits']), ['Conflict', '23505']],
    // Sent as <title/> and <slug/>.
    'a value that nobody set' => [fn ($s) => forgotten($s, ['title' => ['eq' => null]]), ['BadRequest', '22023']],
    'a list that is empty' => [fn ($s) => forgotten($s, ['slug' => ['in' => []]]), ['BadRequest', '22023']],
    'no such row' => [fn ($s) => $s->refused($s->anyone, 'GetPost', ['key' => ['id' => UNKNOWN]]), ['NotFound', 'BIS-408']],
    'a rule' => [fn ($s) => $s->refused(wren($s), 'CreatePost', ['input' => $s->draft('rule')]), ['Forbidden', '42501']],
    'a condition' => [fn ($s) => clash($s, ['status' => 'published']), ['BadRequest', '23514']],
    'a wrong password' => [
        fn ($s) => $s->refused($s->anyone, 'SignIn', ['email' => told('WREN_EMAIL'), 'password' => 'a wrong password']),
        ['FailedAuthentication', 'invalid_credentials'],
    ],
    'a wrong password in a UsernameToken' => [
        fn ($s) => $s->refused($s->token(told('WREN_EMAIL'), 'a wrong password'), 'CountPosts'), 'FailedAuthentication',
    ],
    'a wrong key in a UsernameToken' => [fn ($s) => $s->refused($s->token('apikey', 'x'), 'CountPosts'), 'FailedAuthentication'],
    'a digest' => [
        fn ($s) => $s->refused($s->token(told('WREN_EMAIL'), 'x', str_replace('Text', 'Digest', TEXT)), 'CountPosts'),
        'UnsupportedSecurityToken',
    ],
];
