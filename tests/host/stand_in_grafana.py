"""A program in the place of Grafana's, which no distribution here brings: it reads what Grafana is told, as Grafana's
user and inside the unit's fence, and says on /api/health what it found. It proves the unit, not Grafana."""

PROGRAM = r"""#!/usr/bin/python3
import configparser, glob, http.server, json, os, re, socket, sys

if sys.argv[1:] == ["--version"]:
    sys.exit(print("grafana version 13.2.2"))
path = next(word.partition("=")[2] for word in sys.argv if word.startswith("--config="))
told = configparser.ConfigParser(interpolation=None)
told.read_string("[DEFAULT]\n" + open(path).read())
texts = [open(name).read() for name in glob.glob(told["paths"]["provisioning"] + "/*/*.yaml")]
named = re.findall(r"\$__file\{([^}]+)\}", "".join([open(path).read(), *texts]))
folder = re.search(r"path: (\S+)", "".join(texts))[1]
found = {
    "user": os.getuid(),
    "secrets": sorted({os.path.basename(name) for name in named if open(name).read()}),
    "provisioned": len(texts),
    "writes": [place for place in ("/etc", "/usr/share", folder, "/var/log") if os.access(place, os.W_OK)],
}
open(told["paths"]["data"] + "/grafana.db", "a").close()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({**found, "dashboards": sorted(os.listdir(folder))}).encode())


server = http.server.HTTPServer((told["server"]["http_addr"], int(told["server"]["http_port"])), Answer)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
    systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
server.serve_forever()
"""
