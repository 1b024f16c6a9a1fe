<?php
// What is asked of the fixture: every kind of value, there and back.

declare(strict_types=1);

function keeps(Site $s, string $field, mixed $value): array
{
    $made = $s->service->CreateBook(['input' => ['title' => 'T', $field => $value]])->Book;
    $row = ['key' => ['id' => $made->id]];
    $found = [$made->$field, $s->service->GetBook($row)->Book->$field];
    $filter = ['id' => ['eq' => $made->id]] + ($field === 'cover' ? [] : [$field => ['eq' => $value]]);
    $count = $s->service->CountBooks(['filter' => $filter])->count;
    $left = isset($s->service->UpdateBook($row + ['clear' => [$field]])->Book->$field);
    $s->service->DeleteBook($row);
    return [$found, $count, $left];
}

/** Keys at the ends of 64 bits; some are kept for keys that count up. */
function numbers(Site $s): array
{
    return array_map(function (int $id) use ($s) {
        $s->service->CreateCharacter(['input' => ['id' => $id, 'name' => WORDS]]);
        return $s->service->DeleteCharacter(['key' => ['id' => $id]])->Character->id === $id;
    }, [9_223_372_032_559_808_511, PHP_INT_MIN]);
}

function lists(Site $s): array
{
    return array_map(function (?array $tags) use ($s) {
        $given = $tags === null ? [] : ['tags' => ['item' => $tags]];
        $made = $s->service->CreateIssue(['input' => ['title' => 'T'] + $given])->Issue;
        $s->service->DeleteIssue(['key' => ['id' => $made->id]]);
        return isset($made->tags) ? $made->tags->item ?? [] : null;
    }, [['a', 'b, c', WORDS], ['a'], [], null]);
}

// Of a book: what is written, and what comes where that differs.
$values = [
    ['price', '12345678.90'], ['price', '-0.01'], ['price', '0.10'], ['pages', 2147483647], ['rating', 0.1], ['rating', -1.5e300],
    ['published', '1999-12-31'], ['opens', '08:30:00'], ['opens', '23:59:59.999999'],
    ['added_at', '2024-02-29T23:59:59.123456+05:30', '2024-02-29T18:29:59.123456Z'], ['author', WORDS], ['author', SPACES],
    ['signed', false], ['serial', '0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001'], ['cover', implode('', array_map('chr', range(0, 255)))],
];

$fixture = [
    '64 bits' => [numbers(...), [true, true]],
    'lists' => [lists(...), [['a', 'b, c', WORDS], ['a'], [], null]],
    'a key of two fields' => [fn ($s) => $s->service->GetSeat(['key' => ['row_no' => 1, 'seat_no' => 1]])->Seat->guest, 'Ada'],
    'an enum' => [fn ($s) => $s->service->ListUsers(['filter' => ['status' => ['eq' => 'ONLINE']]])->User[0]->name, 'Kiran'],
    'JSON' => [fn ($s) => json_decode($s->service->GetUser(['key' => ['id' => 1]])->User->address)->city, 'Hobart'],
];
foreach ($values as $n => [$field, $value]) {
    $came = $values[$n][2] ?? $value;
    $fixture["$field " . $n] = [fn ($s) => keeps($s, $field, $value), [[$came, $came], 1, false]];
}
return $fixture;
