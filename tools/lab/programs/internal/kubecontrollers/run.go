package kubecontrollers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"calico-chatops/lab/internal/datastore"
)

// initializationLimit is how long the datastore may take to answer at the start.
const initializationLimit = 60 * time.Second

// errStopped ends the program after a line at level FATAL.
var errStopped = errors.New("stopped")

// Run runs the controllers that the environment enables until the context ends. It writes its
// log to out, client-go its own to the standard error. An error has been logged already.
func Run(ctx context.Context, out io.Writer, statusFile string) error {
	log := &logger{out: out}
	log.info("typha/cmdwrapper.go 95", "Starting kube-controllers []", nil)
	fatal := func(place, message string, with fields) error {
		log.line("FATAL", place, message, with)
		return errStopped
	}
	read, err := readSettings(os.LookupEnv)
	if err != nil {
		return fatal("runconfig.go 420", err.Error(), nil)
	}
	if os.Getenv("DATASTORE_TYPE") == "kubernetes" {
		return runOnKubernetes(ctx, log, newHealth(log, statusFile), os.Getenv("KUBECONFIG"), fatal)
	}
	config, store, err := connect()
	if err != nil {
		return fatal("run.go 150", "Failed to start", fields{"error": err})
	}
	defer store.Close()
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fatal("run.go 150", "Failed to start", fields{"error": err})
	}
	definitions, err := apiextensions.NewForConfig(config)
	if err != nil {
		return fatal("run.go 150", "Failed to start", fields{"error": err})
	}
	state := newHealth(log, statusFile)
	if err := initialize(ctx, log, state, store); err != nil {
		return fatal("run.go 182", "Failed to initialize Calico datastore", fields{"error": err})
	}
	state.report("Startup", "")
	namespace := ownNamespace(log)
	if err := recordConfiguration(ctx, store, read); err != nil {
		log.warning("runconfig.go 250", "unable to perform status update on KubeControllersConfiguration(default)", fields{"error": err})
	}
	if read.health {
		log.info("run.go 201", "Starting status report routine", nil)
		go state.watch(ctx, store, kube)
	}
	parts := makeControllers(log, store, kube, read)
	for _, name := range read.enabled {
		log.info("run.go 565", "Starting controller", fields{"ControllerType": parts[name].shown})
		go parts[name].run(ctx, log, read.reconcilerPeriod)
	}
	log.info("run.go 565", "Starting controller", fields{"ControllerType": "NetworkPolicyMigrator"})
	go awaitNodeRollout(ctx, log, kube, namespace)
	log.info("run.go 565", "Starting controller", fields{"ControllerType": "DatastoreMigration"})
	watchDefinitions(ctx, definitions)
	if read.compactionPeriod > 0 {
		log.info("run.go 300", "Starting periodic etcdv3 compaction", fields{"period": read.compactionPeriod})
		go compact(ctx, log, store, read.compactionPeriod)
	}
	<-ctx.Done()
	return nil
}

// connect reads both connections from the environment. Without KUBECONFIG the program is in a
// pod and uses its service account.
func connect() (*rest.Config, *datastore.Client, error) {
	settings := datastore.ConfigFromEnvironment()
	if os.Getenv("DATASTORE_TYPE") == "" {
		settings.DatastoreType = "etcdv3"
	}
	store, err := datastore.Connect(settings)
	if err != nil {
		return nil, nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, nil, fmt.Errorf("failed to build kubernetes client config: %w", err)
	}
	return config, store, nil
}

func initialize(ctx context.Context, log *logger, state *health, store *datastore.Client) error {
	ctx, cancel := context.WithTimeout(ctx, initializationLimit)
	defer cancel()
	for {
		try, cancelTry := context.WithTimeout(ctx, datastoreTimeout)
		err := store.EnsureInitialized(try, "k8s")
		cancelTry()
		if err == nil {
			return nil
		}
		log.info("run.go 178", "Failed to initialize datastore", fields{"error": err})
		state.report("Startup", "Error initializing datastore: "+err.Error())
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// compact forgets the datastore's history of before the last period, every period.
func compact(ctx context.Context, log *logger, store *datastore.Client, period time.Duration) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	earlier := int64(0)
	for {
		revision, err := store.Revision(ctx)
		if err == nil && earlier > 0 {
			err = store.Compact(ctx, earlier)
		}
		if err != nil && ctx.Err() == nil {
			log.warning("run.go 310", "Failed to compact etcd", fields{"error": err})
		}
		earlier = revision
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
