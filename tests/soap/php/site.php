<?php
// A server as one version of SOAP shows it, and how its callers say who they are.

declare(strict_types=1);

const AMARA = '01920000-0000-7000-8000-000000000001';
const WORDS = "日本語 😀 مرحبا — <b>&amp;</b> \"'";
const SPACES = "  two  spaces,\ta tab,\r\nlines\n";
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const TEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';

final class Site
{
    public readonly SoapClient $service;
    public readonly SoapClient $anyone;

    public function __construct(public readonly string $name, private readonly string $document, private readonly array $keys)
    {
        $this->service = $this->key($keys['secret']);
        $this->anyone = $this->key($keys['publishable'] ?? $keys['secret']);
    }

    /** The sites of a server, one for each version; the document is that of the secret key. */
    public static function all(string $url, array $keys): array
    {
        $document = tempnam(sys_get_temp_dir(), 'bistro-wsdl-');
        register_shutdown_function(fn () => unlink($document));
        $context = stream_context_create(['http' => ['header' => "apikey: {$keys['secret']}"]]);
        file_put_contents($document, file_get_contents("$url?wsdl", false, $context));
        return array_map(fn ($name) => new self($name, $document, $keys), ['1.1', '1.2']);
    }

    public function caller(array $headers = [], array $options = []): SoapClient
    {
        return new SoapClient($options['document'] ?? $this->document, [
            'soap_version' => $this->name === '1.1' ? SOAP_1_1 : SOAP_1_2,
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
            'cache_wsdl' => WSDL_CACHE_MEMORY,
            'trace' => true,
            'stream_context' => stream_context_create(['http' => ['header' => $headers]]),
        ] + $options);
    }

    public function key(string $key): SoapClient
    {
        return $this->caller(["apikey: $key"]);
    }

    /** The key as HTTP Basic, also to get the document. */
    public function basic(string $more = ''): SoapClient
    {
        $document = getenv('BLOG_URL') . "?wsdl$more";
        return $this->caller([], ['document' => $document, 'login' => 'apikey', 'password' => $this->keys['secret']]);
    }

    public function bearer(string $token): SoapClient
    {
        return $this->caller(["Authorization: Bearer $token"]);
    }

    /** A UsernameToken of WS-Security; PHP has none of its own. */
    public function token(string $name, string $password, string $type = TEXT): SoapClient
    {
        [$name, $password] = array_map(fn ($text) => htmlspecialchars($text, ENT_XML1), [$name, $password]);
        $xml = '<wsse:Security xmlns:wsse="' . WSSE . "\"><wsse:UsernameToken><wsse:Username>$name</wsse:Username>"
            . "<wsse:Password Type=\"$type\">$password</wsse:Password></wsse:UsernameToken></wsse:Security>";
        $client = $this->caller();
        $client->__setSoapHeaders(new SoapHeader(WSSE, 'Security', new SoapVar($xml, XSD_ANYXML), true));
        return $client;
    }

    public function slug(string $name): string
    {
        return $name . '-' . strtr($this->name, '.', '-');
    }

    public function draft(string $name, array $members = []): array
    {
        return $members + ['title' => 'A title', 'slug' => $this->slug($name), 'body' => 'A body.', 'author_id' => AMARA];
    }

    /** The kind and code of the fault that answers a call; one of WS-Security is told by its own code. */
    public function refused(SoapClient $client, string $operation, array $input = []): mixed
    {
        try {
            $client->$operation($input);
        } catch (SoapFault $fault) {
            return $this->told($fault, (string) $client->__getLastResponse());
        }
        return 'it was not refused';
    }

    private function told(SoapFault $fault, string $answer): mixed
    {
        $local = fn (string $name) => substr($name, (int) strrpos(":$name", ':'));
        if ($fault->faultcode === 'HTTP') {
            return $fault->faultstring;
        }
        // This version of PHP does not tell the subcode.
        preg_match('/Subcode>\s*<[^>]*Value[^>]*>([^<]*)</', $answer, $subcode);
        $codes = [$fault->faultcode, ...array_slice($subcode, 1)];
        $detail = $fault->detail->BistroFault ?? null;
        if ($detail === null || preg_match('/^ws(se|u):/', end($codes))) {
            return $local(end($codes));
        }
        $codes = array_map($local, $codes);
        $expected = $this->name === '1.1' ? ['Client'] : ['Sender', $detail->kind];
        return $codes === $expected && $detail->requestId !== '' ? [$detail->kind, $detail->code] : $codes;
    }
}

/** What an environment variable says. */
function told(string $name): string
{
    return getenv($name) ?: throw new RuntimeException("$name is not set: start run.py");
}
