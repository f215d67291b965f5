#!/bin/sh
# Runs as root in the builder stage and leaves in /agentauth-out what the final image gets.
#
# Reads   agents.tsv          name, npm package and command of each agent
#         ca.pem              the certificates that the host trusts
#         $ftp_proxy          an archive of what no layer may hold (context.py says why):
#           npmrc             npm's configuration of the host, if it has any
#           apt.conf          apt's proxy and CA settings of the host
#           secrets           tokens that must not be in the result, one per line
# Prints  "::agentauth::step TEXT" when a step begins, "::agentauth::beat" while one lasts and
#         "::agentauth::fail REASON SUBJECT" before it gives up; build.py reads them.
set -eu

here=/agentauth-build
host=/dev/shm/agentauth-host
out=/agentauth-out
work=/agentauth-work
tab=$(printf '\t')
# An unusual umask of the base must not make files that only root can read.
umask 022
mkdir -p "$out" "$work/home"
mkdir -m 700 "$host"
[ -z "${ftp_proxy:-}" ] || printf %s "$ftp_proxy" | base64 -d | tar -C "$host" -xf -
unset ftp_proxy

step() { echo "::agentauth::step $*"; }
fail() { echo "::agentauth::fail $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Long downloads are silent, and a reader that wants to stop is only heard between lines.
(while sleep 2; do echo "::agentauth::beat"; done) &
beat=$!
trap 'kill $beat 2>/dev/null || true' EXIT

export DEBIAN_FRONTEND=noninteractive
export npm_config_cache="$work/npm" npm_config_update_notifier=false
export npm_config_audit=false npm_config_fund=false npm_config_loglevel=warn
[ ! -s $host/npmrc ] || export NPM_CONFIG_USERCONFIG=$host/npmrc
[ ! -s $host/apt.conf ] || export APT_CONFIG=$host/apt.conf
# Extends what Node trusts; npm's own `cafile` would replace it.
[ ! -s $here/ca.pem ] || export NODE_EXTRA_CA_CERTS=$here/ca.pem

updated=
apt_install() {
    has apt-get || return 1
    # Error-Mode: without it apt 2.6 exits 0 when no index could be fetched.
    if [ -z "$updated" ]; then
        apt-get -q update -o APT::Update::Error-Mode=any >"$work/apt.log" 2>&1 || {
            tail -n 5 "$work/apt.log"
            return 1
        }
        updated=yes
    fi
    apt-get -q install -y --no-install-recommends -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-unsafe-io \
        -o Dpkg::Options::=--path-exclude=/usr/share/doc/\* \
        -o Dpkg::Options::=--path-exclude=/usr/share/man/\* "$@" >"$work/apt.log" 2>&1 || {
        tail -n 20 "$work/apt.log"
        return 1
    }
}

# ---- Debian packages: only those the base lacks ------------------------------------------
ldd --version 2>&1 | grep -qi musl && fail base_unsuitable musl
step "Adding the Debian packages that the base image lacks"
required= optional=
has git || required="$required git"
has ps || required="$required procps"
[ -s /etc/ssl/certs/ca-certificates.crt ] || required="$required ca-certificates"
has less || optional="$optional less"
has ssh || optional="$optional openssh-client"
has curl || optional="$optional curl"
has rg || optional="$optional ripgrep"
has jq || optional="$optional jq"
has python3 || optional="$optional python3"
touch "$work/before"
sleep 0.1
# shellcheck disable=SC2086 # Lists of package names.
if [ -n "$required$optional" ] && ! apt_install $required $optional; then
    [ -z "$required" ] || apt_install $required || fail apt_failed "$(echo $required)"
    echo "Left out, since apt could not install them:$optional"
fi
# What apt changed goes into the result; its own network settings and logs do not. By ctime,
# since dpkg keeps the packages' mtimes.
if [ -n "$updated" ]; then
    cd /
    find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run \
        -o -path ./root -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \
        -o -path ./etc/apt -o -path ./etc/hosts -o -path ./etc/hostname \
        -o -path ./etc/resolv.conf -o -path './agentauth-*' \) -prune \
        -o -cnewer "$work/before" ! -path . -print0 |
        tar --null --no-recursion -T - -cf - | tar -C "$out" -xpf -
fi

# ---- Node 22 with npm --------------------------------------------------------------------
# With an older Node npm chooses an old Claude Code (2.1.197 instead of 2.1.330).
node_is_new() { has node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 22 ]; }
step "Making sure of Node 22 and npm"
case $(uname -m) in
x86_64) cpu=x64 ;;
aarch64 | arm64) cpu=arm64 ;;
*) fail base_unsuitable "$(uname -m)" ;;
esac
if [ -s $here/agents.tsv ] && ! { node_is_new && has npm; }; then
    has npm || apt_install nodejs npm || fail apt_failed "nodejs npm"
    node_is_new && node_package= || node_package=node-linux-$cpu@22
    # Not with -g, which refuses an npm that is too new for the Node that is just being
    # replaced (npm 9.2.0: EBADENGINE).
    # shellcheck disable=SC2086
    npm install --prefix "$work/node" --no-package-lock --ignore-scripts \
        --loglevel=error $node_package npm@11 2>&1 ||
        fail npm_failed "${node_package:-npm@11}"
    mkdir -p $out/usr/local/bin $out/usr/local/lib/node_modules
    [ -z "$node_package" ] ||
        cp "$work/node/node_modules/node-linux-$cpu/bin/node" $out/usr/local/bin/node
    # Stays in the image: agents start their MCP servers with npx.
    cp -a "$work/node/node_modules/npm" $out/usr/local/lib/node_modules/
    ln -s ../lib/node_modules/npm/bin/npm-cli.js $out/usr/local/bin/npm
    ln -s ../lib/node_modules/npm/bin/npx-cli.js $out/usr/local/bin/npx
fi
export PATH="$out/usr/local/bin:$PATH"
hash -r

# ---- The agents --------------------------------------------------------------------------
is_elf() { [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]; }
slim() {
    modules=$out/usr/local/lib/node_modules/$1
    binary=$(readlink -f "$out/usr/local/bin/$2")
    # Claude Code 2.1.330, OpenCode 1.18.33: their install scripts hard-link the binary that
    # suits this machine into place; the packages that brought it and its variants are done.
    case $binary in
    "$modules/node_modules/"*) ;;
    *) if is_elf "$binary"; then rm -rf "$modules/node_modules"; fi ;;
    esac
    # Copilot 1.0.102: its loader keeps a Node process waiting for the native binary and
    # passes it no signals.
    native=$modules/node_modules/@github/copilot-linux-$cpu/copilot
    if [ "$1" = @github/copilot ] && [ -x "$native" ]; then
        ln -sf "../${native#"$out/usr/local/"}" $out/usr/local/bin/copilot
    fi
}
while IFS=$tab read -r name package command; do
    step "Installing $name ($package)"
    # --allow-scripts: npm 11 asks before scripts of packages that are not named here.
    npm install -g --prefix $out/usr/local --os linux --cpu $cpu --libc glibc \
        "--allow-scripts=$package" "$package" </dev/null 2>&1 || fail npm_failed "$package"
    [ -x "$out/usr/local/bin/$command" ] || fail command_missing "$package $command"
    slim "$package" "$command"
done <$here/agents.tsv

step "Checking that each agent starts"
while IFS=$tab read -r name package command; do
    if HOME="$work/home" timeout 120 "$out/usr/local/bin/$command" --version \
        </dev/null >"$work/version" 2>&1; then
        echo "$name: $(head -n 1 "$work/version")"
    else
        tail -n 20 "$work/version"
        fail agent_broken "$package"
    fi
done <$here/agents.tsv

# ---- Nothing of the host stays ----------------------------------------------------------
step "Writing the layers, which takes a while"
# `resolved` in npm's hidden lock file names the registry it came from.
find $out/usr/local -name .package-lock.json -delete 2>/dev/null || true
# The engine writes this stage to its disk too: the less the faster.
rm -rf $out/usr/local/share/man "$work" /usr/share/nodejs /var/cache/apt /var/lib/apt/lists
chmod -R a+rX $out
if [ -s $host/secrets ] && grep -rqFf $host/secrets $out; then
    fail secret_found ""
fi
