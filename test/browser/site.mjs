// The sites of the test, behind one TLS front: a shop with a landing page, an order page
// and a confirmation page, and hosts of short links, which go on to the redirector.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function certificate() {
    const directory = mkdtempSync(join(tmpdir(), 'smstrack-tls-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test',
        '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const read = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(directory, { recursive: true });
    return read;
}

export class Sites {
    constructor(redirectorPort) {
        this.redirectorPort = redirectorPort;
        this.pages = new Map();
        this.answered = []; // what the redirector answered, in order
        this.waiting = [];
        this.server = https.createServer(certificate(), (request, response) => this.handle(request, response));
    }

    async start() {
        await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
        this.port = this.server.address().port;
    }

    stop() {
        this.server.close();
        this.server.closeAllConnections();
    }

    handle(request, response) {
        const host = request.headers.host.split(':')[0];
        const path = request.url.split('?')[0];
        if (host.startsWith('go.') && path !== '/-/probe') {
            this.proxy(request, response);
        } else if (path === '/-/probe') {
            // tells whether a cookie of another site goes with a request
            response.writeHead(200, {
                'Content-Type': 'text/plain', 'Set-Cookie': 'probe=1; SameSite=None; Secure; Path=/',
                'Access-Control-Allow-Origin': request.headers.origin ?? '*', 'Access-Control-Allow-Credentials': 'true' });
            response.end(request.headers.cookie ?? '');
        } else if (this.pages.has(path)) {
            response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...this.pages.get(path).headers });
            response.end(`<!DOCTYPE html><html><head><title>${path}</title></head><body>${this.pages.get(path).html}</body></html>`);
        } else {
            response.writeHead(404).end();
        }
    }

    proxy(request, response) {
        const onward = http.request({
            host: '127.0.0.1', port: this.redirectorPort, method: request.method, path: request.url,
            headers: { ...request.headers, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', connection: 'close' } },
        (answer) => {
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
            answer.on('end', () => {
                this.answered.push({ method: request.method, url: request.url, status: answer.statusCode });
                this.waiting.forEach((check) => check());
            });
        });
        onward.on('error', () => response.writeHead(502).end());
        request.pipe(onward);
    }

    // Waits until the redirector has answered so many reports of conversions since mark.
    reports(number) {
        return new Promise((done, fail) => {
            const timer = setTimeout(() => fail(new Error('no report of a conversion came')), 10000);
            const check = () => {
                if (this.answered.filter((a) => a.url.startsWith('/-/conversion')).length >= number) {
                    clearTimeout(timer);
                    this.waiting = this.waiting.filter((w) => w !== check);
                    done();
                }
            };
            this.waiting.push(check);
            check();
        });
    }

    mark() { this.answered = []; }
}
