<?php
// PHP's SoapClient at the built binary, over SOAP 1.1 and 1.2. Tables: a name, a call and what comes.

declare(strict_types=1);

require __DIR__ . '/site.php';

/** How the guide's snippet ends, and what it prints last. */
function guide(): array
{
    exec('printenv GUIDE | php -d soap.wsdl_cache_enabled=0', $lines, $code);
    return [$code, end($lines)];
}

$passed = $failed = 0;
$began = microtime(true);
$keys = ['publishable' => told('BLOG_KEY'), 'secret' => told('BLOG_SECRET')];
$blog = Site::all(told('BLOG_URL'), $keys);
$sites = [
    [require __DIR__ . '/blog.php', $blog],
    [["the guide's snippet" => [guide(...), [0, 'NotFound']]], [$blog[0]]],
    [require __DIR__ . '/fixture.php', Site::all(told('FIXTURE_URL'), ['secret' => told('FIXTURE_SECRET')])],
];
foreach ($sites as [$cases, $versions]) {
    foreach ($versions as $site) {
        foreach ($cases as $name => [$call, $expected]) {
            try {
                $got = $call($site);
            } catch (Throwable $error) {
                $got = get_class($error) . ": {$error->getMessage()}";
            }
            if ($got === $expected) {
                $passed += 1;
                continue;
            }
            $failed += 1;
            echo "FAILED $site->name $name\n       ", json_encode($got, 320), "\n       is not ", json_encode($expected, 320), "\n";
        }
    }
}
printf("PHP's SoapClient: %d passed, %d failed (%.0f s)\n", $passed, $failed, microtime(true) - $began);
exit($failed > 0 || $passed === 0 ? 1 : 0);
